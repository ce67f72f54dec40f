import { perLanguage, type Both } from '../../base/language.js';
import type { InboxRow } from '../store/inbox.js';
import type { InboxStatus } from '../rules/notify.js';

export type InboxView = InboxStatus | 'waiting';

export const INBOX_TEXTS = perLanguage({
  title: ['通知收件箱', 'Notify inbox'],
  lead: [
    '验签通过的微信支付通知。“待送交”的每分钟会自动重试；“没有对应订单”的会在订单出现后自动匹配；“暂不支持”的属于本版本不处理的产品（如分账、转账、投诉），只保存，不送交。',
    'Notifies of WeChat Pay that were verified. What is not delivered is tried again every minute by itself; what no order fits is matched once there is one. What is not supported (profit sharing, transfers, complaints and the like) is kept, and nobody is told.',
  ],
  views: {
    waiting: ['未完成', 'Unfinished'],
    verified: ['待送交', 'To be delivered'],
    unmatched: ['没有对应订单', 'No such order'],
    signalled: ['已送交', 'Delivered'],
    duplicate: ['早已入账', 'Settled before'],
    unsupported: ['暂不支持', 'Not supported'],
  } satisfies Readonly<Record<InboxView, Both>>,
  kind: {
    payment: ['支付', 'Payment'],
    refund: ['退款', 'Refund'],
    other: ['其他', 'Other'],
  } satisfies Readonly<Record<InboxRow['kind'], Both>>,
  merchant: ['商户号', 'Merchant'],
  choose: ['查看', 'Show'],
  receivedAt: ['收到', 'Received'],
  about: ['通知', 'Notify'],
  state: ['状态', 'State'],
  says: ['内容', 'Says'],
  order: ['订单', 'Order'],
  received: [(count: number) => `收到 ${count} 次`, (count: number) => `received ${count} times`],
  none: ['这里没有通知。', 'No notifies here.'],
  more: ['更早的', 'Older'],
  capped: [
    (shown: number) => `每种只列出最新的 ${shown} 条，请在分类中查看更多。`,
    (shown: number) => `Only the newest ${shown} of each are listed; see each list for more.`,
  ],
});
