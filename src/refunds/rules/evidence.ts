import type { RefundStatus } from '../../orders/rules/gateway-answer.js';
import type { OutRefundNo } from '../../base/ids.js';

/** What a verified refund notify says, as it travels to the refund's workflow: the reason to query, no more. */
export type RefundEvidence = {
  readonly outRefundNo: OutRefundNo;
  readonly refundId: string;
  readonly status: RefundStatus;
};
