import { heldOf } from '../order/loaded.js';
import type { OrderRecord } from '../order/record.js';
import type { RefundRecord } from '../refund/record.js';
import type { MerchantEventType } from './event.js';

/**
 * The events that a change of an order is worth, in the order in which the shop should hear them. `known`: what it has been told or
 * is to be told already. That the money goes back is news by that and not by what changed: a refund that was reserved meanwhile may
 * have begun it.
 */
export function orderEvents(
  before: OrderRecord,
  after: OrderRecord,
  known: readonly MerchantEventType[],
): MerchantEventType[] {
  const types: MerchantEventType[] = [];
  if (before.state !== after.state) {
    if (after.state === 'paid') types.push('order.paid');
    if (after.state === 'closed') types.push('order.closed');
    if (after.state === 'review') types.push('order.review');
  }
  if (isCompensating(after) && !known.includes('order.compensating')) types.push('order.compensating');
  return types;
}

/** The goods will not come, and nobody has to decide first: the money goes back. */
const isCompensating = (order: OrderRecord): boolean =>
  order.fulfilment === 'rejected' || (order.fulfilment === 'overdue' && heldOf(order, order.ownStuckReason) === null);

export function refundEvents(before: RefundRecord, after: RefundRecord): MerchantEventType[] {
  if (before.state === after.state) return [];
  switch (after.state) {
    case 'succeeded':
      return ['refund.succeeded'];
    case 'rejected':
      return ['refund.rejected'];
    case 'closed':
      return ['refund.closed'];
    case 'abnormal':
      return ['refund.abnormal'];
    case 'requested':
    case 'processing':
      return [];
    default:
      return after.state satisfies never;
  }
}
