import type { Language } from '../../base/language.js';
import type { InboxRow } from '../store/inbox.js';
import type { InboxStatus } from '../../db/words.js';

export type InboxView = InboxStatus | 'waiting';

const zh = {
  title: '通知收件箱',
  lead: '验签通过的微信支付通知。“待送交”的每分钟会自动重试；“没有对应订单”的会在订单出现后自动匹配；“暂不支持”的属于本版本不处理的产品（如分账、转账、投诉），只保存，不送交。',
  views: {
    waiting: '未完成',
    verified: '待送交',
    unmatched: '没有对应订单',
    signalled: '已送交',
    duplicate: '早已入账',
    unsupported: '暂不支持',
  } satisfies Readonly<Record<InboxView, string>>,
  status: {
    verified: '待送交',
    unmatched: '没有对应订单',
    signalled: '已送交',
    duplicate: '早已入账',
    unsupported: '暂不支持',
  } satisfies Readonly<Record<InboxStatus, string>>,
  kind: { payment: '支付', refund: '退款', other: '其他' } satisfies Readonly<Record<InboxRow['kind'], string>>,
  merchant: '商户号',
  choose: '查看',
  receivedAt: '收到',
  about: '通知',
  state: '状态',
  says: '内容',
  order: '订单',
  noOrder: '—',
  received: (count: number) => `收到 ${count} 次`,
  none: '这里没有通知。',
  more: '更早的',
  capped: (shown: number) => `每种只列出最新的 ${shown} 条，请在分类中查看更多。`,
};

export type InboxTexts = typeof zh;

const en: InboxTexts = {
  title: 'Notify inbox',
  lead: 'Notifies of WeChat Pay that were verified. What is not delivered is tried again every minute by itself; what no order fits is matched once there is one. What is not supported (profit sharing, transfers, complaints and the like) is kept, and nobody is told.',
  views: {
    waiting: 'Unfinished',
    verified: 'To be delivered',
    unmatched: 'No such order',
    signalled: 'Delivered',
    duplicate: 'Settled before',
    unsupported: 'Not supported',
  },
  status: {
    verified: 'To be delivered',
    unmatched: 'No such order',
    signalled: 'Delivered',
    duplicate: 'Settled before',
    unsupported: 'Not supported',
  },
  kind: { payment: 'Payment', refund: 'Refund', other: 'Other' },
  merchant: 'Merchant',
  choose: 'Show',
  receivedAt: 'Received',
  about: 'Notify',
  state: 'State',
  says: 'Says',
  order: 'Order',
  noOrder: '—',
  received: (count) => `received ${count} times`,
  none: 'No notifies here.',
  more: 'Older',
  capped: (shown) => `Only the newest ${shown} of each are listed; see each list for more.`,
};

export const INBOX_TEXTS: Readonly<Record<Language, InboxTexts>> = { zh, en };
