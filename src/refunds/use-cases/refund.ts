import { parseOutRefundNo, type Mchid } from '../../base/ids.js';
import type { Gateways } from '../../channels/port.js';
import type { Db } from '../../db/connection.js';
import { loadRefund } from '../store/record.js';
import { approvalOfRefund } from '../../approvals/store/approval.js';
import type { ApprovalPolicy, ApprovalRecord } from '../../approvals/rules/approval.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { RefundRecord } from '../rules/record.js';
import type { OrderDeps } from '../../orders/use-cases/order.js';

export type RefundDeps = OrderDeps & {
  readonly gateways: Gateways;
  readonly merchants: { of(mchid: Mchid): RefundMerchant | undefined };
};

type RefundMerchant = {
  readonly credentials: { readonly protocol: string };
  /** Absent: nobody has to approve a refund. */
  readonly approval?: ApprovalPolicy | undefined;
};

export type RefundCall = { readonly mchid: Mchid; readonly refundNo: string };

/** The refund as Postgres holds it now. Throws `refund_not_found`, also for a number no refund can have. */
export async function requireRefund({ db }: { db: Db }, { mchid, refundNo }: RefundCall): Promise<RefundRecord> {
  const parsed = parseOutRefundNo(refundNo);
  const refund = parsed.ok ? await loadRefund(db, { mchid, outRefundNo: parsed.value }) : undefined;
  if (refund === undefined) throw new DomainError('refund_not_found', 'This merchant has no refund with that number.');
  return refund;
}

/** What there is under a number of the shop's: the refund, or what was asked for and is not begun. Throws `refund_not_found`. */
export async function requireAsked(
  deps: { readonly db: Db },
  call: RefundCall,
): Promise<{ readonly refund: RefundRecord } | { readonly approval: ApprovalRecord }> {
  const outRefundNo = parseOutRefundNo(call.refundNo);
  const asked = outRefundNo.ok
    ? await approvalOfRefund(deps.db, { mchid: call.mchid, outRefundNo: outRefundNo.value })
    : undefined;
  if (asked === undefined || asked.approval.status === 'approved') return { refund: await requireRefund(deps, call) };
  return { approval: asked.approval };
}
