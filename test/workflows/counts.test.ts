import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/domain/ids.js';
import { costOf, pendingActivities } from '../support/history.js';
import { startSaga, type Saga } from '../support/saga.js';
import { until } from '../support/until.js';

/*
 * On a real server, since the time-skipping one counts no transitions: the second order waits for its first poll for a real
 * minute, from the start of the file.
 */
let saga: Saga;
let polled: OrderNo;
beforeAll(async () => {
  saga = await startSaga();
  polled = (await saga.createOrder()).orderNo;
});
afterAll(() => saga.stop());

async function costWhenPaid(orderNo: OrderNo) {
  const handle = saga.workflow(orderNo);
  await saga.gateway.pay(orderNo);
  await handle.result();
  expect(await saga.order(orderNo)).toMatchObject({ state: 'paid' });
  return costOf(handle);
}

describe('what an order costs', () => {
  it('paid within the first wait: 17 events, 6 state transitions, 7 actions', async () => {
    const { orderNo } = await saga.createOrder();
    const cost = await costWhenPaid(orderNo);
    expect(cost.events).toBeLessThanOrEqual(26);
    expect(cost.transitions).toBeLessThanOrEqual(12);
    expect(cost.actions).toBeLessThanOrEqual(8);
    expect(cost).toEqual({ events: 17, transitions: 6, actions: 7 });
  });

  it('paid after its polling had begun: 23 events, 11 state transitions, 9 actions', { timeout: 300_000 }, async () => {
    const backingOff = async () => (await pendingActivities(saga.workflow(polled), 'pollTrade'))[0]?.attempt === 2;
    await until('the first poll, answered', backingOff, 150_000);
    const cost = await costWhenPaid(polled);
    expect(cost.events).toBeLessThanOrEqual(30);
    expect(cost.transitions).toBeLessThanOrEqual(16);
    expect(cost.actions).toBeLessThanOrEqual(11);
    expect(cost).toEqual({ events: 23, transitions: 11, actions: 9 });
  });
});
