import type { DemoOrderDetail } from './shop.js';
import type { HeardEvent } from './shop-endpoint.js';

type Sent = Pick<DemoOrderDetail['events'][number], 'type' | 'deliveredAt'>;

/**
 * `order.paid` is withdrawn where the money began to go back before PaySaga had the shop's answer. A slow shop may have heard it
 * all the same.
 */
export function isWithdrawn({ type, deliveredAt }: Sent, events: readonly Sent[]): boolean {
  return type === PAID && deliveredAt === null && events.some((event) => event.type === COMPENSATING);
}

type Told = Pick<HeardEvent, 'id' | 'type' | 'orderNo'>;

/**
 * Orders of which the shop was not told exactly once that they are paid: one event, which PaySaga believes delivered or withdrew
 * and the shop accepted, for a paid order, and none for any other, be it one that PaySaga does not know.
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

const PAID = 'order.paid';
const COMPENSATING = 'order.compensating';
