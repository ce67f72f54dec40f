import { perLanguage } from '../../base/language.js';

export const STUCK_TEXTS = perLanguage({
  title: ['卡住的订单', 'Stuck orders'],
  oldestFirst: ['等待最久的在最前', 'What has waited longest comes first'],
  none: ['没有卡住的订单。', 'Nothing is stuck.'],
  noneOfReason: ['没有因此卡住的订单。', 'Nothing is stuck for this reason.'],
  age: ['已卡住', 'Stuck for'],
  order: ['订单', 'Order'],
  amount: ['金额', 'Amount'],
  why: ['原因与等待', 'Why, and what it waits for'],
  actor: ['谁可以处理', 'Who can act'],
  next: ['下一步', 'Next step'],
  noTime: ['无计划时间', 'no time planned'],
  temporal: ['Temporal', 'Temporal'],
  reason: ['卡住原因', 'Stuck reason'],
  any: ['全部原因', 'Any reason'],
  show: ['显示', 'Show'],
  count: ['订单数', 'Orders'],
  atRisk: ['涉及的实际款项', 'Money at risk'],
  /** What nobody has paid. */
  waiting: ['等待付款', 'Not paid yet'],
  oldest: ['最早', 'Oldest'],
  bulk: ['批量处理', 'Bulk'],
  bulkOf: [
    (reason: string, mchid: string) => `批量处理：${reason}（${mchid}）`,
    (reason: string, mchid: string) => `Bulk: ${reason} (${mchid})`,
  ],
  more: ['下一页', 'Next page'],
  first: ['回到第一页', 'To the first page'],
});
