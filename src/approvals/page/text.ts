import { perLanguage, type Both } from '../../base/language.js';
import type { ApprovalStatus } from '../rules/approval.js';

export const APPROVAL_TEXTS = perLanguage({
  title: ['退款审批', 'Approvals'],
  lead: [
    '超过商户设定金额的退款，要由另一个人批准才会开始；批准之前不占用款项，也不会过期。',
    'Refunds above the amount that the merchant has set begin once another person approves them. Until then they hold no money; they do not expire.',
  ],
  views: {
    pending: ['待批准', 'Pending'],
    approved: ['已批准', 'Approved'],
    rejected: ['已驳回', 'Rejected'],
  } satisfies Readonly<Record<ApprovalStatus, Both>>,
  show: ['显示', 'Show'],
  askedAt: ['申请时间', 'Asked'],
  refund: ['退款单号', 'Refund'],
  order: ['订单', 'Order'],
  amount: ['金额', 'Amount'],
  askedBy: ['申请人', 'Asked by'],
  shop: ['店铺', 'the shop'],
  decided: ['决定', 'Decided'],
  none: ['这里没有退款。', 'There are none.'],
  more: ['更早的', 'Older'],
});
