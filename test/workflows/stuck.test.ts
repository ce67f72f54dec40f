import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/saga/messages.js';
import { useSaga } from '../support/saga.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';
import { until } from '../support/until.js';

const NO_AUTH = { on: 'prepay', kind: 'error', status: 403, code: 'NO_AUTH', effect: false, times: 0 } as const;

describe('what keeps an order from going on', () => {
  const saga = useSaga();
  afterEach(() => saga.gateway.repair());

  const shown = async (orderNo: OrderNo): Promise<unknown> =>
    (await saga.workflow(orderNo).describe()).typedSearchAttributes
      .getAll()
      .find(({ key }) => key.name === SEARCH_ATTRIBUTES.stuckReason)?.value;

  it('stands in the search attributes for as long as it does', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({ ...NO_AUTH, outTradeNo: orderNo });
    expect((await saga.createOrder({ orderNo })).status).toBe(202);
    await until('the reason in the list', async () => (await shown(orderNo)) === 'merchant_config');
    await saga.gateway.repair();
    await until('the list without a reason', async () => (await shown(orderNo)) === undefined);
    await saga.orderWhen(orderNo, ({ state, stuckReason }) => state === 'awaitingPayment' && stuckReason === null);
  });
});

describe.skipIf(skippingServer === undefined)('after minutes', () => {
  let saga: TimeSkippingSaga;
  beforeAll(async () => {
    saga = await startTimeSkippingSaga();
  });
  afterEach(() => saga.gateway.repair());
  afterAll(() => saga.stop());

  it('a close that WeChat Pay does not confirm is told, and goes on until it does', async () => {
    const { orderNo } = await saga.createOrder();
    // The first query sees the trade as it is; those after the close do not see the close.
    await saga.gateway.fault(
      { on: 'query', kind: 'slow', ms: 0, outTradeNo: orderNo },
      { on: 'query', kind: 'stale', outTradeNo: orderNo, times: 0 },
    );
    const closing = saga.briefly.call('POST', `/v1/orders/${orderNo}/close`);
    await until('the close', async () => (await saga.gateway.trade(orderNo))?.trade_state === 'CLOSED');
    await closing;
    for (let minute = 0; minute < 5; minute += 1) await saga.pass(60);
    const stuck = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(stuck).toMatchObject({ state: 'awaitingPayment', stuckReason: 'close_unconfirmed' });
    await saga.gateway.repair();
    await saga.pass(300);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'closed');
    expect(order).toMatchObject({ closedReason: 'cancelled', stuckReason: null });
  });

  it('evidence that no query confirms asks a person, and the order leaves review by itself once one does', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'query', kind: 'stale', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    await until('the first query', async () => (await saga.order(orderNo)).explain.attempts > 0);
    // 5, 15, 30 s, 1, 2 and 5 min: asked seven times in all. Real time passes here too, so no step ends close to one of them.
    for (let minute = 0; minute < 6; minute += 1) await saga.pass(60);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'awaitingPayment', paidFen: 0 });
    for (let minute = 6; minute < 10; minute += 1) await saga.pass(60);
    const review = await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    expect(review).toMatchObject({ reviewReason: 'evidence_conflict', stuckReason: 'review', paidFen: 0 });
    await saga.gateway.repair();
    for (let minutes = 0; minutes < 60; minutes += 10) await saga.pass(600);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(order).toMatchObject({ paidFen: 1200, reviewReason: null, stuckReason: null });
  });
});
