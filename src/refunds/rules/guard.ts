import { DAY } from '../../base/time.js';
import type { AttemptRecord, OrderRecord } from '../../orders/rules/record.js';
import { paidAttemptOf } from '../../orders/rules/view.js';
import type { RefundFact } from '../../orders/rules/gateway-answer.js';
import type { RefundRecord } from './record.js';
import { isOwn, isRefundFinal, isReleased } from './states.js';

/** WeChat Pay's limit of refunds of one trade. */
const MAX_REFUNDS = 50;
/** Days from the payment within which WeChat Pay refunds it. */
const REFUND_DAYS = 365;

export type RefundObjection =
  'order_not_paid' | 'order_in_review' | 'refund_exceeds_paid' | 'refund_limit_reached' | 'refund_too_old';

/** Why the shop may not refund `amountFen` of this order now; `undefined` when it may. The order's row is locked meanwhile. */
export function shopRefundObjection(order: OrderRecord, amountFen: number, now: Date): RefundObjection | undefined {
  if (order.state === 'review') return 'order_in_review';
  const attempt = paidAttemptOf(order);
  if (order.state !== 'paid' || attempt === undefined) return 'order_not_paid';
  if (amountFen > restFen(attempt)) return 'refund_exceeds_paid';
  return refundObjection(order, attempt, now);
}

/** WeChat Pay's limits, for the shop's refunds and PaySaga's own. */
export function refundObjection(
  order: OrderRecord,
  attempt: AttemptRecord,
  now: Date,
): 'refund_limit_reached' | 'refund_too_old' | undefined {
  const reserved = order.refunds.filter((it) => it.outTradeNo === attempt.outTradeNo && !isReleased(it.state));
  if (reserved.length >= MAX_REFUNDS) return 'refund_limit_reached';
  const paidAt = attempt.paidAt ?? order.paidAt ?? order.createdAt;
  return now.getTime() - paidAt.getTime() > REFUND_DAYS * DAY ? 'refund_too_old' : undefined;
}

/** What was paid and is neither back nor on its way back. */
export const restFen = ({ paidFen, refundingFen, refundedFen }: AttemptRecord): number =>
  Math.max(0, paidFen - refundingFen - refundedFen);

/** A payment is confirmed, and not all of it is known to be back: somebody else may have refunded some. */
export const mayBeRefundedElsewhere = ({ attempts }: Pick<OrderRecord, 'attempts'>): boolean =>
  attempts.some(({ paidFen, refundedFen }) => refundedFen < paidFen);

/** One of PaySaga's own refunds that came to nothing, has no successor yet and whose money is free. */
export function canBeReissued(
  order: OrderRecord,
  { outRefundNo, outTradeNo, amountFen, state, cause }: RefundRecord,
): boolean {
  const attempt = order.attempts.find((it) => it.outTradeNo === outTradeNo);
  const isReplaced = order.refunds.some(({ predecessor }) => predecessor === outRefundNo);
  const isFree = attempt !== undefined && restFen(attempt) >= amountFen;
  return isOwn(cause) && isReleased(state) && !isReplaced && isFree;
}

/** Under its number WeChat Pay knows other terms than these: somebody else used the number. */
export const isSomebodyElses = (
  { refundId, outTradeNo, amountFen }: Pick<RefundRecord, 'refundId' | 'outTradeNo' | 'amountFen'>,
  fact: RefundFact,
): boolean =>
  (refundId !== null && refundId !== fact.refundId) || fact.outTradeNo !== outTradeNo || fact.refundFen !== amountFen;

/** What WeChat Pay knows is not what PaySaga or the shop asked for, or came after WeChat Pay had refused that. */
export const isTakenOver = (refund: RefundRecord, fact: RefundFact): boolean =>
  refund.cause !== 'external' &&
  (refund.state === 'rejected' || (!isRefundFinal(refund.state) && isSomebodyElses(refund, fact)));
