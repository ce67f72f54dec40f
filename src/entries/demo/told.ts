import type { DemoOrderDetail } from './shop.js';
import type { HeardEvent } from './shop-endpoint.js';

type Told = Pick<HeardEvent, 'id' | 'type' | 'orderNo'>;

/**
 * Orders of which the shop was not told exactly once that they are paid: one event, which PaySaga believes delivered and the
 * shop accepted, for a paid order, and none for any other, be it one that PaySaga does not know.
 */
export function wronglyTold(
  orders: readonly Pick<DemoOrderDetail, 'orderNo' | 'state' | 'events'>[],
  heard: readonly Told[],
): string[] {
  const wrong = orders.filter(({ orderNo, state, events }) => {
    const accepted = heard.filter((event) => event.orderNo === orderNo && event.type === PAID).map(({ id }) => id);
    const delivered = events.filter(({ type, deliveredAt }) => type === PAID && deliveredAt !== null);
    const sent = events.filter(({ type }) => type === PAID).length;
    const wanted = state === 'paid' ? 1 : 0;
    const agrees = [accepted, delivered].every(({ length }) => length === wanted) && sent === wanted;
    return !agrees || accepted[0] !== delivered[0]?.id;
  });
  const known = new Set(orders.map(({ orderNo }) => orderNo));
  const strangers = heard.map(({ orderNo }) => orderNo).filter((orderNo) => !known.has(orderNo));
  return [...new Set([...wrong.map(({ orderNo }) => orderNo), ...strangers])];
}

const PAID = 'order.paid';
