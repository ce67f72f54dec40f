import type { RefundCause } from '../refund/states.js';
import { attemptOf, withAttempt, type Attempt, type OrderState } from './state.js';

/** What becomes of money nobody expected. */
export type Settlement =
  { readonly kind: 'return'; readonly cause: RefundCause } | { readonly kind: 'accept' } | { readonly kind: 'review' };

/**
 * Confirmed money that the order did not wait for. On another attempt of a paid order it always goes back; after closing the
 * order's policy decides, but only about money that equals the order; whatever else comes, a person decides.
 */
export function settleUnexpected(state: OrderState, money: { readonly equals: boolean }): Settlement {
  if (state.state === 'paid') return { kind: 'return', cause: 'second_payment' };
  if (state.state !== 'closed' || !money.equals) return { kind: 'review' };
  const { latePayment } = state.policy;
  return latePayment === 'refund' ? { kind: 'return', cause: 'late_payment' } : { kind: latePayment };
}

/** Undoes a payment: whatever of this attempt is not back yet goes back, once. */
export function giveBack(state: OrderState, outTradeNo: Attempt['outTradeNo'], cause: RefundCause): OrderState {
  const attempt = attemptOf(state, outTradeNo);
  if (attempt === undefined || (attempt.back !== null && attempt.back.state !== 'refused')) return state;
  return withAttempt(state, outTradeNo, { back: { cause, state: 'wanted' } });
}
