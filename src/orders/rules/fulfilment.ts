import type { OutTradeNo } from '../../base/ids.js';
import { closedOf, fulfilmentOf, giveBack, ownPayment, paidOf, type Fulfilment, type OrderState } from './state.js';
import type { FoundBy } from './states.js';

/** The order is paid with this attempt's confirmed money; from here on the shop's answer may undo it. */
export function paidBy(order: OrderState, outTradeNo: OutTradeNo, foundBy: FoundBy): OrderState {
  const fulfilment = { state: order.policy.fulfilment.required ? 'pending' : 'none' } as const;
  const was = closedOf(order);
  return { ...order, phase: { state: 'paid', outTradeNo, foundBy, fulfilment, refundedElsewhere: false, was } };
}

/** What the shop says first stands; too late is too late. */
export function fulfilmentReported(order: OrderState, outcome: 'fulfilled' | 'rejected'): OrderState {
  if (fulfilmentOf(order).state !== 'pending') return order;
  const reported = withFulfilment(order, { state: outcome });
  return outcome === 'rejected' ? compensated(reported, 'fulfilment_rejected') : reported;
}

/** A shop that knew and stayed silent is compensated for, or reviewed; one never told is no reason to give money back. */
export function fulfilmentDue(order: OrderState): OrderState {
  const { fulfilment } = order.policy;
  if (fulfilmentOf(order).state !== 'pending' || !fulfilment.required) return order;
  const isTold = order.telling.shop.kind === 'told';
  if (!isTold) return withFulfilment(order, { state: 'overdue', undecided: 'shop_unreachable' });
  if (fulfilment.onDeadline === 'review') return withFulfilment(order, { state: 'overdue', undecided: 'review' });
  return compensated(withFulfilment(order, { state: 'overdue', undecided: null }), 'fulfilment_overdue');
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

export function withFulfilment(order: OrderState, fulfilment: Fulfilment): OrderState {
  const paid = paidOf(order);
  return paid === null ? order : { ...order, phase: { ...paid, fulfilment } };
}

/** When the shop's time is over: counted from the first 2xx to `order.paid`; null while it was not told. */
export function fulfilmentDueMs(order: Pick<OrderState, 'policy' | 'phase' | 'telling' | 'attempts'>): number | null {
  const { fulfilment } = order.policy;
  const payment = ownPayment(order);
  if (fulfilmentOf(order).state !== 'pending' || !fulfilment.required || payment === null) return null;
  const limitMs = fulfilment.deadlineSeconds * 1_000;
  const { shop } = order.telling;
  switch (shop.kind) {
    case 'told':
      return shop.atMs + limitMs;
    case 'unaddressed':
      // Nobody can be told: it shows as stuck when the time is over, and is not given back.
      return payment.paidAtMs + limitMs;
    case 'untold':
    case 'unreachable':
      return null;
    default:
      return shop satisfies never;
  }
}
