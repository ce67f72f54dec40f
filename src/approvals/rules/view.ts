import type { ApprovalRecord } from './approval.js';

/** In place of the refund's, while there is none. */
export const WITHHELD_STATES = ['approval_pending', 'approval_rejected'] as const;

/** A refund that is not begun, or never will be, as the shop reads it. */
export function withheldRefund(approval: ApprovalRecord) {
  const { id, outRefundNo, orderNo, mchid, amountFen, reason, status, createdAt, decidedAt } = approval;
  return {
    refundNo: outRefundNo,
    orderNo,
    mchid,
    amountFen,
    state: status === 'rejected' ? ('approval_rejected' as const) : ('approval_pending' as const),
    reason,
    approvalId: id,
    createdAt: createdAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}

/** As every call about it is answered. */
export function approvalAnswer(approval: ApprovalRecord) {
  const { id, status, outRefundNo, orderNo, mchid, amountFen, reason, createdAt, decidedAt, ...people } = approval;
  const { askedByKey, askedByName, decidedByName, decisionReason } = people;
  return {
    ...{ id, status, refundNo: outRefundNo, orderNo, mchid, amountFen, reason },
    askedBy: askedByName === null ? ('shop' as const) : ('operator' as const),
    askedByName,
    askedByKey,
    createdAt: createdAt.toISOString(),
    decidedByName,
    decisionReason,
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}
