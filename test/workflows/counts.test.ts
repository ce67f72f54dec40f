import { beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { costOf, durableTries, pendingActivities } from '../support/history.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

/*
 * On a real server, since the time-skipping one counts no transitions: some orders wait for their first poll for a real
 * minute, from the start of the file. What is counted is the fast path. A machine that is busy may take longer than the 2 s
 * of a local try, and the order goes on durably: such an order is not the one to count.
 */
const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
let polled: readonly OrderNo[];
beforeAll(async () => {
  polled = (await Promise.all([1, 2, 3].map(() => saga.createOrder()))).map(({ orderNo }) => orderNo);
});

async function costWhenPaid(orderNo: OrderNo) {
  const handle = saga.workflow(orderNo);
  await saga.gateway.pay(orderNo);
  await handle.result();
  expect(await saga.order(orderNo)).toMatchObject({ state: 'paid' });
  expect(shop.of(orderNo)).toMatchObject([{ type: 'order.paid', verified: true }]);
  return costOf(handle);
}

describe('what an order costs', () => {
  it('paid within the first wait: 18 events, 6 state transitions, 7 actions', async () => {
    const cost = await until('an order that was quick', async () => {
      const { orderNo } = await saga.createOrder();
      const paid = await costWhenPaid(orderNo);
      return (await durableTries(saga.workflow(orderNo))).length === 0 && paid;
    });
    expect(cost.events).toBeLessThanOrEqual(26);
    expect(cost.transitions).toBeLessThanOrEqual(12);
    expect(cost.actions).toBeLessThanOrEqual(8);
    expect(cost).toEqual({ events: 18, transitions: 6, actions: 7 });
  });

  it('paid after its polling had begun: 24 events, 11 state transitions, 9 actions', async () => {
    const waiting = [...polled];
    const cost = await until(
      'an order that was quick, after its first poll',
      async () => {
        const orderNo = waiting[0];
        if (orderNo === undefined) throw new Error('no order was quick');
        const [poll] = await pendingActivities(saga.workflow(orderNo), 'pollTrade');
        const polls = (poll?.attempt ?? 1) - 1;
        if (polls === 0) return undefined;
        waiting.shift();
        const paid = await costWhenPaid(orderNo);
        const others = (await durableTries(saga.workflow(orderNo))).filter((type) => type !== 'pollTrade');
        return polls === 1 && others.length === 0 && paid;
      },
      200_000,
    );
    expect(cost.events).toBeLessThanOrEqual(30);
    expect(cost.transitions).toBeLessThanOrEqual(16);
    expect(cost.actions).toBeLessThanOrEqual(11);
    expect(cost).toEqual({ events: 24, transitions: 11, actions: 9 });
  });
});
