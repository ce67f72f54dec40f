import type { DemoOrder, DemoOrderDetail } from './shop.js';
import type { HeardEvent } from './shop-endpoint.js';
import { isWithdrawn } from './told.js';

/**
 * How an order must end, and what the shop must have heard of it by then, and nothing else. In whatever order: each event goes its
 * own way, and one that is slow, or tried again, comes after a later one.
 */
export type Expectation = { readonly expected: string; readonly told: readonly string[] };

/** An order's end in a few words; money that went back is only called so when all of it did. */
export function describe(order: DemoOrder): string {
  const reason = order.state === 'closed' ? order.closedReason : order.state === 'review' ? order.reviewReason : null;
  const extraFen = order.attempts.reduce((sum, { paidFen }) => sum + paidFen, 0) - order.paidFen;
  const parts = [
    reason === null ? order.state : `${order.state} (${reason})`,
    ...(order.fulfilment === 'none' ? [] : [`fulfilment ${order.fulfilment}`]),
    ...partOf('refunded', order.refundedFen, order.paidFen),
    ...(order.refundingFen === 0 ? [] : ['refunding']),
    ...partOf('returned', order.returnedFen, extraFen),
  ];
  return `${parts.join(', ')}${order.stuckReason === null ? '' : ` [${order.stuckReason}]`}`;
}

function partOf(word: string, fen: number, wholeFen: number): string[] {
  if (fen === 0) return [];
  return [fen === wholeFen ? word : `partly ${word}`];
}

/** What is not as expected; `undefined` when all is, and PaySaga knows that the shop was told. */
export function objection(
  { expected, told }: Expectation,
  order: DemoOrderDetail,
  heard: readonly HeardEvent[],
): string | undefined {
  const state = describe(order);
  if (state !== expected) return `it is ${state}, not ${expected}`;
  const types = heard.map(({ type }) => type);
  if (types.toSorted().join() !== told.toSorted().join()) return `the shop heard ${list(types)}, not ${list(told)}`;
  const undelivered = order.events
    .filter((event) => event.deliveredAt === null && !isWithdrawn(event, order.events))
    .map(({ type }) => type);
  if (undelivered.length > 0) return `not yet delivered: ${list(undelivered)}`;
  const unheard = order.events.filter(({ id }) => heard.every((event) => event.id !== id)).map(({ type }) => type);
  return unheard.length > 0 ? `delivered, and not heard: ${list(unheard)}` : undefined;
}

const list = (types: readonly string[]): string => (types.length === 0 ? 'nothing' : types.join(', '));
