import type { RefundRecord } from '../refund/record.js';
import type { OutTradeNo } from '../../base/ids.js';
import { isOwn, isReleased } from '../refund/states.js';
import { isExhausted, type OrderState } from './state.js';
import { isFinal, type StuckReason } from './states.js';
import type { StoredOrder } from './stored.js';

/**
 * The one reason a reader sees: that a workflow cannot go on, since what it said last may not be true any more; then what the
 * order's own workflow says, then its refunds, then a shop that could not be told. Each is written by its own workflow, under the order's row lock.
 */
export function stuckReasonOf(
  own: StuckReason | null,
  refunds: readonly RefundRecord[],
  isShopUnreachable: boolean,
  isStalled = false,
): StuckReason | null {
  if (isStalled) return 'stalled';
  return own ?? refundTrouble(refunds) ?? (isShopUnreachable ? 'shop_unreachable' : null);
}

/** A refund that waits for WeChat Pay or a top-up; one that only a person can repair; one of ours that came to nothing. */
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
    heldFen(refund.outTradeNo, all) < refund.totalFen);

const heldFen = (outTradeNo: OutTradeNo, all: readonly RefundRecord[]): number =>
  all
    .filter((it) => it.outTradeNo === outTradeNo && !isReleased(it.state))
    .reduce((sum, { amountFen }) => sum + amountFen, 0);

/** WeChat Pay says REFUND without a sum: a refund of the payment that it is known to have taken explains it. */
export const isExplained = ({ paidAttempt, refunds }: Pick<StoredOrder, 'paidAttempt' | 'refunds'>): boolean =>
  refunds.some(({ outTradeNo, state }) => outTradeNo === paidAttempt && state !== 'rejected' && state !== 'requested');

/** What the order's own workflow is stuck on, from its facts. */
export function ownStuckReason(state: OrderState): StuckReason | null {
  if (state.state === 'review' || state.surplus) return 'review';
  if (isFinal(state.state) && state.attempts.some(isExhausted)) return 'review';
  if (state.held !== null) return state.held;
  if (state.attempts.some(({ back }) => back?.state === 'refused')) return 'refund_failed';
  if (state.refundedElsewhere) return 'refunded_elsewhere';
  if (state.trouble !== null) return state.trouble;
  if (state.attempts.some((attempt) => attempt.closing?.misconfigured)) return 'merchant_config';
  if (state.fulfilment === 'pending' && state.shop.kind === 'unreachable') return 'shop_unreachable';
  return state.attempts.some((attempt) => attempt.closing?.unconfirmed) ? 'close_unconfirmed' : null;
}
