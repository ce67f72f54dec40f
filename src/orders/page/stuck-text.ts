import type { Language } from '../../base/language.js';

const zh = {
  title: '卡住的订单',
  oldestFirst: '等待最久的在最前',
  none: '没有卡住的订单。',
  noneOfReason: '没有因此卡住的订单。',
  age: '已卡住',
  order: '订单',
  amount: '金额',
  why: '原因与等待',
  actor: '谁可以处理',
  next: '下一步',
  noTime: '无计划时间',
  temporal: 'Temporal',
  reason: '卡住原因',
  any: '全部原因',
  show: '显示',
  count: '订单数',
  atRisk: '涉及的实际款项',
  /** What nobody has paid. */
  waiting: '等待付款',
  oldest: '最早',
  bulk: '批量处理',
  bulkOf: (reason: string, mchid: string) => `批量处理：${reason}（${mchid}）`,
  more: '下一页',
  first: '回到第一页',
  all: '查看全部',
};

export type StuckTexts = typeof zh;

const en: StuckTexts = {
  title: 'Stuck orders',
  oldestFirst: 'What has waited longest comes first',
  none: 'Nothing is stuck.',
  noneOfReason: 'Nothing is stuck for this reason.',
  age: 'Stuck for',
  order: 'Order',
  amount: 'Amount',
  why: 'Why, and what it waits for',
  actor: 'Who can act',
  next: 'Next step',
  noTime: 'no time planned',
  temporal: 'Temporal',
  reason: 'Stuck reason',
  any: 'Any reason',
  show: 'Show',
  count: 'Orders',
  atRisk: 'Money at risk',
  waiting: 'Not paid yet',
  oldest: 'Oldest',
  bulk: 'Bulk',
  bulkOf: (reason, mchid) => `Bulk: ${reason} (${mchid})`,
  more: 'Next page',
  first: 'To the first page',
  all: 'See all',
};

export const STUCK_TEXTS: Readonly<Record<Language, StuckTexts>> = { zh, en };
