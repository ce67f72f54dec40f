import type { OrderRecord } from '../../orders/rules/record.js';
import { paidAttemptOf } from '../../orders/rules/view.js';
import { isReleased } from '../../refunds/rules/states.js';
import type { ApprovalPolicy, ApprovalRecord } from './approval.js';

/**
 * Whether another person has to approve `amountFen` more: what was asked for of the order's payment without an approval, waiting
 * or on its way or back, and this would come to more than the merchant lets pass. Many parts count as one.
 */
export function needsApproval(
  order: OrderRecord,
  amountFen: number,
  approvals: readonly Pick<ApprovalRecord, 'outRefundNo' | 'status' | 'amountFen'>[],
  policy: ApprovalPolicy | null,
): boolean {
  if (policy === null) return false;
  const payment = paidAttemptOf(order)?.outTradeNo;
  const approved = new Set(approvals.filter(({ status }) => status === 'approved').map((it) => it.outRefundNo));
  const unapproved = order.refunds.filter(
    ({ cause, state, outTradeNo, outRefundNo }) =>
      cause === 'shop' && outTradeNo === payment && !isReleased(state) && !approved.has(outRefundNo),
  );
  const waiting = approvals.filter(({ status }) => status === 'pending');
  const askedFen = [...unapproved, ...waiting].reduce((sum, it) => sum + it.amountFen, 0);
  return askedFen + amountFen > policy.refundAboveFen;
}
