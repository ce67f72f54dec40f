import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { useSaga } from '../support/saga.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';
import { until } from '../support/until.js';

const REFUSED = { on: 'close', kind: 'http500', times: 0 } as const;

describe('while closing has no answer', () => {
  const saga = useSaga();
  afterEach(() => saga.gateway.repair());

  /** Its close is asked for and not answered; whoever asked has gone. */
  async function closing(): Promise<OrderNo> {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ ...REFUSED, outTradeNo: orderNo });
    expect((await saga.briefly.call('POST', `/v1/orders/${orderNo}/close`)).status).toBe(202);
    return orderNo;
  }

  it('money whose notify is lost is found, by the query that follows every close', async () => {
    const orderNo = await closing();
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(order).toMatchObject({ paidFen: 1200, ending: null, stuckReason: null });
  });

  it('what somebody asks is answered', async () => {
    const orderNo = await closing();
    const answer = await saga.call('POST', `/v1/orders/${orderNo}/sync`);
    expect([answer.status, answer.body.ending]).toEqual([200, 'cancelled']);
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    const before = await saga.gateway.calls('query');
    await saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect((await saga.gateway.calls('query')) - before).toBeLessThanOrEqual(2);
  });

  it('an answer that nobody signed is checked by a query, not repeated', async () => {
    const { orderNo } = await saga.createOrder();
    const before = await saga.gateway.calls('close');
    await saga.gateway.fault({ on: 'close', kind: 'badSignature', outTradeNo: orderNo, times: 0 });
    const { status, body } = await saga.call('POST', `/v1/orders/${orderNo}/close`);
    expect([status, body.closedReason]).toEqual([200, 'cancelled']);
    expect((await saga.gateway.calls('close')) - before).toBe(1);
  });
});

describe.skipIf(skippingServer === undefined)('after minutes', () => {
  let saga: TimeSkippingSaga;
  beforeAll(async () => {
    saga = await startTimeSkippingSaga();
  });
  afterAll(() => saga.stop());

  it('a close without an answer shows, and goes on until it has one', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ ...REFUSED, outTradeNo: orderNo });
    const asking = saga.briefly.call('POST', `/v1/orders/${orderNo}/close`);
    await until('the close', async () => (await saga.gateway.calls('close')) > 0);
    await asking;
    for (let half = 0; half < 8; half += 1) await saga.pass(30);
    const stuck = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(stuck).toMatchObject({ state: 'awaitingPayment', stuckReason: 'close_unconfirmed', ending: 'cancelled' });
    await saga.gateway.repair();
    await saga.pass(300);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'closed');
    expect(order).toMatchObject({ closedReason: 'cancelled', stuckReason: null });
  });
});
