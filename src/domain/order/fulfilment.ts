import { giveBack } from './settle.js';
import type { Attempt, OrderState } from './state.js';
import type { FoundBy } from './states.js';

/** The order is paid with this attempt's confirmed money; from here on the shop's answer may undo it. */
export function paidBy(state: OrderState, attempt: Attempt, foundBy: FoundBy): OrderState {
  return {
    ...state,
    state: 'paid',
    reviewReason: null,
    ending: null,
    paidAttempt: attempt.outTradeNo,
    paidFen: attempt.paidFen,
    paidAtMs: attempt.paidAtMs,
    foundBy,
    fulfilment: state.policy.fulfilment.required ? 'pending' : 'none',
  };
}

/** The shop says whether the goods are delivered. What it says first stands; too late is too late. */
export function fulfilmentReported(state: OrderState, outcome: 'fulfilled' | 'rejected'): OrderState {
  if (state.fulfilment !== 'pending') return state;
  const reported: OrderState = { ...state, fulfilment: outcome };
  return outcome === 'rejected' ? compensated(reported, 'fulfilment_rejected') : reported;
}

/**
 * The time to deliver is over. A shop that knew and stayed silent is compensated for, or reviewed, as its policy says; one that
 * was never told is no reason to give money back.
 */
export function fulfilmentDue(state: OrderState): OrderState {
  const { fulfilment } = state.policy;
  if (state.fulfilment !== 'pending' || !fulfilment.required) return state;
  const overdue: OrderState = { ...state, fulfilment: 'overdue' };
  if (state.shop.kind !== 'told') return { ...overdue, held: 'shop_unreachable' };
  if (fulfilment.onDeadline === 'review') return { ...overdue, held: 'review' };
  return compensated(overdue, 'fulfilment_overdue');
}

/** When the shop's time is over: counted from the first 2xx to `order.paid`; null while it was not told. */
export function fulfilmentDueMs(state: OrderState): number | null {
  const { fulfilment } = state.policy;
  if (state.fulfilment !== 'pending' || !fulfilment.required) return null;
  const limitMs = fulfilment.deadlineSeconds * 1_000;
  switch (state.shop.kind) {
    case 'told':
      return state.shop.atMs + limitMs;
    case 'unaddressed':
      // Nobody can be told: it shows as stuck when the time is over, and is not given back.
      return state.paidAtMs === null ? null : state.paidAtMs + limitMs;
    case 'untold':
    case 'unreachable':
      return null;
    default:
      return state.shop satisfies never;
  }
}

/** The order's own money goes back, as far as it has not gone back already. */
export function compensated(
  state: OrderState,
  cause: 'fulfilment_rejected' | 'fulfilment_overdue' | 'operator',
): OrderState {
  return state.paidAttempt === null ? state : giveBack({ ...state, held: null }, state.paidAttempt, cause);
}
