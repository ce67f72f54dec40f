import type { ApprovalRecord } from '../../approvals/rules/approval.js';
import { withTransaction, type Tx } from '../../db/connection.js';
import { finishOperatorAction, openOperatorAction } from '../../actions/store/action.js';
import { loadOrder } from '../../orders/store/order.js';
import { reserveRefund, type RefundRequest, type RefundReservation } from '../store/reserve.js';
import type { OutRefundNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { RefundDeps } from './refund.js';
import type { RefundRecord } from '../rules/record.js';
import type { RefundSource } from '../rules/source.js';
import { isRefundFinal } from '../rules/states.js';
import { hashOf } from '../../orders/use-cases/create.js';
import { requireOrderNo, type OrderCall, type OrderDeps } from '../../orders/use-cases/order.js';
import { aboveLimit, unlessAway, type KeyedAsker } from '../../actions/use-cases/recorded-action.js';

/** `reason` is what the payer reads at WeChat Pay; null for none. */
export type RefundTerms = RefundSource & {
  readonly refundNo: OutRefundNo;
  readonly amountFen: Fen;
  readonly reason: string | null;
};

/** `approval`: another person has to approve it first, or refused to. */
export type CreatedRefund =
  | { readonly kind: 'refund'; readonly refund: RefundRecord; readonly isNew: boolean }
  | { readonly kind: 'approval'; readonly approval: ApprovalRecord; readonly isNew: boolean };

/**
 * Holds money of a paid order and starts its way back, or asks for an approval where the merchant wants one; the same number with
 * the same terms is the same refund. Of the shop's own refunds only those that wait are an action of somebody. Throws
 * `invalid_request`, `order_not_found`, `refund_conflict`, `order_not_paid`, `order_in_review`, `refund_exceeds_paid`,
 * `refund_limit_reached`, `refund_too_old`, `refund_above_limit`.
 */
export async function createRefund(
  deps: RefundDeps,
  { mchid, orderNo }: OrderCall,
  terms: RefundTerms,
  asker: KeyedAsker,
): Promise<CreatedRefund> {
  const { refundNo: outRefundNo, fundsAccount, goodsDetail, ...money } = terms;
  const source = (fundsAccount ?? goodsDetail) === undefined ? null : { fundsAccount, goodsDetail };
  const merchant = deps.merchants.of(mchid);
  if (goodsDetail !== undefined && merchant?.credentials.protocol === 'v2')
    throw new DomainError('invalid_request', 'goodsDetail: is not for a merchant of API v2');
  const bodyHash = hashOf({ ...terms, reason: terms.reason ?? undefined });
  const numbers = { mchid, orderNo: requireOrderNo(orderNo), outRefundNo };
  const { key } = asker;
  const request = { ...numbers, ...money, source, bodyHash, key, policy: merchant?.approval ?? null, now: deps.now() };
  const reservation = await reserve(deps, request, asker);
  if (reservation === 'above_limit') throw aboveLimit(key);
  if (typeof reservation === 'string') throw refundRefused(reservation);
  const { created: isNew } = reservation;
  if ('approval' in reservation) return { kind: 'approval', approval: reservation.approval, isNew };
  const { refund } = reservation;
  if (!isRefundFinal(refund.state)) await startRefund(deps, refund);
  return { kind: 'refund', refund, isNew };
}

/** The row is committed: without Temporal, the sweeper starts the workflow. */
export async function startRefund(
  deps: Pick<OrderDeps, 'refunds' | 'log'>,
  { mchid, orderNo, outRefundNo }: RefundRecord,
): Promise<void> {
  await unlessAway(deps, { mchid, orderNo, outRefundNo }, () => deps.refunds.start({ mchid, outRefundNo }));
}

type Reservation = RefundReservation | 'above_limit';

/** What is asked is kept with its outcome in the same transaction, an operator's request also if it is refused. */
function reserve({ db }: OrderDeps, request: RefundRequest, asker: KeyedAsker): Promise<Reservation> {
  return withTransaction(db, async (tx): Promise<Reservation> => {
    if (asker.key.name === null) {
      const reservation = await reserveRefund(tx, request);
      if (typeof reservation === 'object' && 'approval' in reservation && reservation.created)
        await keep(tx, request, asker, () => Promise.resolve(reservation));
      return reservation;
    }
    if ((await loadOrder(tx, request)) === undefined) return 'order_not_found';
    return keep(tx, request, asker, () => reserveRefund(tx, request));
  });
}

async function keep(
  tx: Tx,
  { mchid, orderNo, outRefundNo, amountFen, reason, now: at }: RefundRequest,
  asker: KeyedAsker,
  act: () => Promise<RefundReservation>,
): Promise<Reservation> {
  const parameters = { refundNo: outRefundNo, amountFen, reason };
  const asked = { mchid, orderNo, action: 'refund', parameters, amountFen, ...asker, at } as const;
  const { id, isAboveLimit = false } = await openOperatorAction(tx, asked);
  if (isAboveLimit) return 'above_limit';
  const reservation = await act();
  await finishOperatorAction(tx, id, outcomeOf(reservation), at);
  return reservation;
}

function outcomeOf(reservation: RefundReservation): string {
  if (typeof reservation === 'string') return reservation;
  if (!reservation.created) return 'repeated';
  return 'approval' in reservation ? 'approval_pending' : 'requested';
}

export const refundRefused = (why: keyof typeof REFUSALS): DomainError => new DomainError(why, REFUSALS[why]);

const REFUSALS: Readonly<Record<Exclude<RefundReservation, object>, string>> = {
  order_not_found: 'This merchant has no order with that number.',
  refund_conflict: 'A refund with this number was made from another body, or of another order.',
  order_not_paid: 'Only what a paid order holds can be refunded.',
  order_in_review: 'The order is in review: a person decides.',
  refund_exceeds_paid: 'More than what was paid and is neither back nor on its way back.',
  refund_limit_reached: 'WeChat Pay refunds one payment in at most 50 parts.',
  refund_too_old: 'WeChat Pay refunds a payment within 365 days.',
};
