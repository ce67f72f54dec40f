import { withTransaction } from '../../db/connection.js';
import { finishOperatorAction, openOperatorAction } from '../../actions/store/action.js';
import { loadOrder } from '../../orders/store/order.js';
import { reserveRefund, type RefundRequest, type RefundReservation } from '../store/reserve.js';
import type { Mchid, OutRefundNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { DomainError } from '../../orders/rules/domain-error.js';
import type { RefundDeps } from './refund.js';
import type { RefundRecord } from '../rules/record.js';
import type { RefundSource } from '../rules/source.js';
import { isRefundFinal } from '../rules/states.js';
import { hashOf } from '../../orders/use-cases/create.js';
import { requireOrderNo, type OrderCall, type OrderDeps } from '../../orders/use-cases/order.js';
import { unlessAway, type Asker } from '../../actions/use-cases/recorded-action.js';

/** `reason` is what the payer reads at WeChat Pay; null for none. */
export type RefundTerms = RefundSource & {
  readonly refundNo: OutRefundNo;
  readonly amountFen: Fen;
  readonly reason: string | null;
};

/**
 * Holds money of a paid order and starts its way back; the same number with the same terms is the same refund. `asker` is null for
 * the shop itself, whose refunds are no action of a person. Throws `invalid_request`, `order_not_found`, `refund_conflict`, `order_not_paid`,
 * `order_in_review`, `refund_exceeds_paid`, `refund_limit_reached`, `refund_too_old`.
 */
export async function createRefund(
  deps: RefundDeps,
  { mchid, orderNo }: OrderCall,
  terms: RefundTerms,
  asker: Asker | null,
): Promise<{ refund: RefundRecord; isNew: boolean }> {
  const { refundNo: outRefundNo, fundsAccount, goodsDetail, ...money } = terms;
  const source = (fundsAccount ?? goodsDetail) === undefined ? null : { fundsAccount, goodsDetail };
  if (goodsDetail !== undefined) requireGoodsTaken(deps, mchid);
  const bodyHash = hashOf({ ...terms, reason: terms.reason ?? undefined });
  const numbers = { mchid, orderNo: requireOrderNo(orderNo), outRefundNo };
  const reservation = await reserve(deps, { ...numbers, ...money, source, bodyHash, now: deps.now() }, asker);
  if (typeof reservation === 'string') throw new DomainError(reservation, REFUSALS[reservation]);
  const { refund, created } = reservation;
  if (!isRefundFinal(refund.state)) await startRefund(deps, refund);
  return { refund, isNew: created };
}

function requireGoodsTaken({ merchants }: RefundDeps, mchid: Mchid): void {
  if (merchants.of(mchid)?.credentials.protocol === 'v2')
    throw new DomainError('invalid_request', 'goodsDetail: is not for a merchant of API v2');
}

/** The row is committed: without Temporal, the sweeper starts the workflow. */
export async function startRefund(
  deps: Pick<OrderDeps, 'refunds' | 'log'>,
  { mchid, orderNo, outRefundNo }: RefundRecord,
): Promise<void> {
  await unlessAway(deps, { mchid, orderNo, outRefundNo }, () => deps.refunds.start({ mchid, outRefundNo }));
}

/** An operator's request is kept with its outcome in the same transaction, also if it is refused. */
function reserve({ db }: OrderDeps, request: RefundRequest, asker: Asker | null): Promise<RefundReservation> {
  if (asker === null) return reserveRefund(db, request);
  const { mchid, orderNo, outRefundNo, amountFen, reason, now: at } = request;
  const parameters = { refundNo: outRefundNo, amountFen, reason };
  return withTransaction(db, async (tx): Promise<RefundReservation> => {
    if ((await loadOrder(tx, request)) === undefined) return 'order_not_found';
    const { id } = await openOperatorAction(tx, { mchid, orderNo, action: 'refund', parameters, ...asker, at });
    const reservation = await reserveRefund(tx, request);
    await finishOperatorAction(tx, id, outcomeOf(reservation), at);
    return reservation;
  });
}

function outcomeOf(reservation: RefundReservation): string {
  if (typeof reservation === 'string') return reservation;
  return reservation.created ? 'requested' : 'repeated';
}

const REFUSALS: Readonly<Record<Exclude<RefundReservation, object>, string>> = {
  order_not_found: 'This merchant has no order with that number.',
  refund_conflict: 'A refund with this number was made from another body, or of another order.',
  order_not_paid: 'Only what a paid order holds can be refunded.',
  order_in_review: 'The order is in review: a person decides.',
  refund_exceeds_paid: 'More than what was paid and is neither back nor on its way back.',
  refund_limit_reached: 'WeChat Pay refunds one payment in at most 50 parts.',
  refund_too_old: 'WeChat Pay refunds a payment within 365 days.',
};
