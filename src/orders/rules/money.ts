import type { OutTradeNo } from '../../base/ids.js';
import type { RefundCause } from '../../refunds/rules/states.js';
import { closedOf, giveBack, paidOf, type OrderState } from './state.js';
import type { FoundBy } from './states.js';

/** The order is paid with this attempt's confirmed money; from here on the shop's answer may undo it. */
export function paidBy(order: OrderState, outTradeNo: OutTradeNo, foundBy: FoundBy): OrderState {
  const fulfilment = { state: order.policy.fulfilment.required ? 'pending' : 'none' } as const;
  const was = closedOf(order);
  return { ...order, phase: { state: 'paid', outTradeNo, foundBy, fulfilment, refundedElsewhere: false, was } };
}

/** The order's own money goes back, as far as it has not gone back already. */
export function compensated(
  order: OrderState,
  cause: 'fulfilment_rejected' | 'fulfilment_overdue' | 'operator',
): OrderState {
  const paid = paidOf(order);
  if (paid === null) return order;
  const { fulfilment } = paid;
  const decided = fulfilment.state === 'overdue' ? { ...fulfilment, undecided: null } : fulfilment;
  return giveBack({ ...order, phase: { ...paid, fulfilment: decided } }, paid.outTradeNo, cause);
}

/** What becomes of money nobody expected. */
export type Settlement =
  { readonly kind: 'return'; readonly cause: RefundCause } | { readonly kind: 'accept' } | { readonly kind: 'review' };

/**
 * Confirmed money that the order did not wait for. On another attempt of a paid order it always goes back; after closing the
 * order's policy decides, but only about money that equals the order; whatever else comes, a person decides.
 */
export function settleUnexpected(order: OrderState, money: { readonly equals: boolean }): Settlement {
  if (order.phase.state === 'paid') return { kind: 'return', cause: 'second_payment' };
  if (order.phase.state !== 'closed' || !money.equals) return { kind: 'review' };
  const { latePayment } = order.policy;
  return latePayment === 'refund' ? { kind: 'return', cause: 'late_payment' } : { kind: latePayment };
}
