import type { DemoOrder, DemoOrderDetail } from './shop.js';
import type { HeardEvent } from './shop-endpoint.js';

/** An order's end, and exactly the events that the shop has heard of it by then, in any sequence: a slow one comes later. */
export type Expectation = { readonly expected: string; readonly told: readonly string[] };

/** An order's end in a few words; `partly` where some of the money went back. */
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

/** What is not as expected; `undefined` when everything is, and every event is marked delivered. */
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

const PAID = 'order.paid';
const COMPENSATING = 'order.compensating';

type Sent = Pick<DemoOrderDetail['events'][number], 'type' | 'deliveredAt'>;

/** `order.paid` is withdrawn when the money begins to go back before the shop has answered; a slow shop may have heard it yet. */
function isWithdrawn({ type, deliveredAt }: Sent, events: readonly Sent[]): boolean {
  return type === PAID && deliveredAt === null && events.some((event) => event.type === COMPENSATING);
}

type Told = Pick<HeardEvent, 'id' | 'type' | 'orderNo'>;

/**
 * The orders with a wrong number of `order.paid` events. A paid order has exactly one, which PaySaga marked delivered or
 * withdrew and the shop accepted; every other order, also one that PaySaga does not know, has none.
 */
export function wronglyTold(
  orders: readonly Pick<DemoOrderDetail, 'orderNo' | 'state' | 'events'>[],
  heard: readonly Told[],
): string[] {
  const wrong = orders.filter(({ orderNo, state, events }) => {
    const accepted = heard.filter((event) => event.orderNo === orderNo && event.type === PAID).map(({ id }) => id);
    const sent = events.filter(({ type }) => type === PAID);
    const over = sent.filter((event) => event.deliveredAt !== null || isWithdrawn(event, events));
    const wanted = state === 'paid' ? 1 : 0;
    return [accepted, sent, over].some(({ length }) => length !== wanted) || accepted[0] !== over[0]?.id;
  });
  const known = new Set(orders.map(({ orderNo }) => orderNo));
  const strangers = heard.map(({ orderNo }) => orderNo).filter((orderNo) => !known.has(orderNo));
  return [...new Set([...wrong.map(({ orderNo }) => orderNo), ...strangers])];
}
