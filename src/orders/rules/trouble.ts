import type { OutTradeNo } from '../../base/ids.js';
import type { CloseAnswer, GatewayFailureCode } from './gateway-answer.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import { isOwn, isReleased } from '../../refunds/rules/states.js';
import { backOf, isExhausted } from './attempt.js';
import { STUCK_AFTER_MS } from './schedules.js';
import { fulfilmentOf, paidOf, undecidedOf, type OrderState } from './state.js';
import { isFinal, type StuckReason } from './states.js';
import type { StoredOrder } from './stored.js';

/** What keeps a call from its end, as a person has to know it; `not_written`: Postgres refuses what came of it. */
export type Trouble = 'merchant_config' | 'gateway_unreachable' | 'merchant_balance' | 'not_written';

/** An answer, or the news that there will be none until somebody or something is repaired; the call goes on meanwhile. */
export type GatewayReply<Answer> =
  { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'trouble'; readonly reason: Trouble };

/** `recovered`: WeChat Pay answers again after trouble that was shown, with nothing new; polling goes on. */
export type PollReply<Answer> = GatewayReply<Answer> | { readonly kind: 'recovered' };

/** A close is tried once at a time. `unanswered`: it may have happened; `misconfigured`: the merchant has no right to it. */
export type CloseOutcome = CloseAnswer['kind'] | 'unanswered' | 'misconfigured';

/** The trouble a failing call is in, if it is news: refused rights at once, silence after three minutes. `known` is shown already. */
export function troubleOf(code: GatewayFailureCode, failingForMs: number, known: Trouble | null): Trouble | null {
  if (code === 'merchant_config') return known === 'merchant_config' ? null : 'merchant_config';
  return failingForMs >= STUCK_AFTER_MS && known === null ? 'gateway_unreachable' : null;
}

/** What the order's loop is stuck on: that Postgres refuses what it knows hides all else. */
export const stuckReasonOf = (order: OrderState): StuckReason | null =>
  order.unwritten ? 'not_written' : ownStuckReason(order);

export function ownStuckReason(order: Omit<OrderState, 'confirmed'>): StuckReason | null {
  const { phase, attempts, gateway } = order;
  if (phase.state === 'review' || order.surplus) return 'review';
  if (isFinal(phase.state) && attempts.some(isExhausted)) return 'review';
  const undecided = undecidedOf(order);
  if (undecided !== null) return undecided;
  if (attempts.some((attempt) => backOf(attempt)?.state === 'refused')) return 'refund_failed';
  if (paidOf(order)?.refundedElsewhere === true) return 'refunded_elsewhere';
  if (gateway.trouble !== null) return gateway.trouble;
  if (attempts.some(({ closing }) => closing?.isMisconfigured)) return 'merchant_config';
  if (fulfilmentOf(order).state === 'pending' && order.telling.shop.kind === 'unreachable') return 'shop_unreachable';
  return attempts.some(({ closing }) => closing?.isUnconfirmed) ? 'close_unconfirmed' : null;
}

/** The one reason a reader sees. `stalled` hides all else: what a workflow said last may not be true any more. */
export function shownStuckReason(
  own: StuckReason | null,
  refunds: readonly RefundRecord[],
  isShopUnreachable: boolean,
  isStalled = false,
): StuckReason | null {
  if (isStalled) return 'stalled';
  return own ?? refundTrouble(refunds) ?? (isShopUnreachable ? 'shop_unreachable' : null);
}

function refundTrouble(refunds: readonly RefundRecord[]): StuckReason | null {
  if (refunds.some((refund) => needsRepair(refund, refunds))) return 'refund_failed';
  return refunds.find((refund) => refund.trouble !== null)?.trouble ?? null;
}

/**
 * Abnormal, or one of PaySaga's own that came to nothing and was not issued again, while money of its payment is left to give
 * back. `all` are its order's refunds.
 */
export const needsRepair = (refund: RefundRecord, all: readonly RefundRecord[]): boolean =>
  refund.state === 'abnormal' ||
  (isOwn(refund.cause) &&
    isReleased(refund.state) &&
    !all.some(({ predecessor }) => predecessor === refund.outRefundNo) &&
    reservedFen(refund.outTradeNo, all) < refund.totalFen);

const reservedFen = (outTradeNo: OutTradeNo, all: readonly RefundRecord[]): number =>
  all
    .filter((it) => it.outTradeNo === outTradeNo && !isReleased(it.state))
    .reduce((sum, { amountFen }) => sum + amountFen, 0);

/** WeChat Pay says REFUND without a sum: a refund of the payment that it is known to have taken explains it. */
export const isExplained = ({ paidAttempt, refunds }: Pick<StoredOrder, 'paidAttempt' | 'refunds'>): boolean =>
  refunds.some(({ outTradeNo, state }) => outTradeNo === paidAttempt && state !== 'rejected' && state !== 'requested');
