import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refunding, returnNo, type Refunding } from '../support/refunds.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';
import { until } from '../support/until.js';

describe.skipIf(skippingServer === undefined)('as time passes', () => {
  let saga: TimeSkippingSaga;
  let refunds: Refunding;
  beforeAll(async () => {
    saga = await startTimeSkippingSaga();
    refunds = refunding(saga);
  });
  afterEach(() => saga.gateway.repair());
  afterAll(() => saga.stop());

  const processing = (refundNo: string) => refunds.when(refundNo, ({ state }) => state === 'processing');

  /** Lets minutes pass until it is so. */
  async function passUntil(what: string, minutes: number, met: () => Promise<boolean>): Promise<void> {
    for (let minute = 0; minute < minutes && !(await met()); minute += 1) await saga.pass(60);
    await until(what, met);
  }

  it('a refund whose notify is lost is found by polling', async () => {
    const orderNo = await refunds.paid();
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    const refundNo = await refunds.ask(orderNo, 500);
    await processing(refundNo);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await passUntil('its end', 3, async () => (await saga.refund(refundNo)).state === 'succeeded');
    await saga.refundWorkflow(refundNo).result();
    expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 500, refundingFen: 0, stuckReason: null });
  });

  it('a query that is behind the notify is made again', async () => {
    const orderNo = await refunds.paid();
    const refundNo = await refunds.ask(orderNo, 500);
    await processing(refundNo);
    await saga.gateway.fault({ on: 'refundQuery', kind: 'stale', outTradeNo: orderNo });
    const queries = await saga.gateway.calls('refundQuery');
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await until('the query', async () => (await saga.gateway.calls('refundQuery')) > queries);
    await passUntil('its end', 3, async () => (await saga.refund(refundNo)).state === 'succeeded');
    expect(await refunds.atWeChat(orderNo)).toMatchObject([{ out_refund_no: refundNo, status: 'SUCCESS' }]);
  });

  it('two refunds of one payment asked for at once go out a minute apart', async () => {
    const orderNo = await refunds.paid();
    const [one, other] = await Promise.all([refunds.ask(orderNo, 300), refunds.ask(orderNo, 400)]);
    await refunds.atWeChat(orderNo, 1);
    const { refundingFen, refundedFen } = await saga.order(orderNo);
    expect(refundingFen + refundedFen).toBe(700);
    const applies = await saga.gateway.calls('refund');
    await saga.pass(30);
    expect(await saga.gateway.calls('refund')).toBe(applies);
    await passUntil('the other', 3, async () => (await refunds.atWeChat(orderNo)).length === 2);
    for (const refundNo of [one, other]) {
      await passUntil('its end', 3, async () => (await saga.refund(refundNo)).state === 'succeeded');
    }
    expect(await saga.gateway.calls('refund')).toBe(applies + 1);
    expect(await saga.order(orderNo)).toMatchObject({ refundedFen: 700, refundingFen: 0, stuckReason: null });
  });

  it("PaySaga's own refund waits for a top-up as long as it takes", async () => {
    await saga.gateway.balance(0);
    const { orderNo } = await saga.createOrder();
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    await saga.gateway.pay(orderNo, { force: true });
    const stuck = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'merchant_balance');
    expect(stuck).toMatchObject({ state: 'closed', returnedFen: 0 });
    for (let hour = 0; hour < 3; hour += 1) await saga.pass(3_600);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: 'merchant_balance' });
    await saga.gateway.balance(100_000);
    await passUntil('its end', 30, async () => (await saga.refund(returnNo(orderNo))).state === 'succeeded');
    expect(await saga.order(orderNo)).toMatchObject({ state: 'closed', returnedFen: 1200, stuckReason: null });
    expect(await refunds.atWeChat(orderNo)).toHaveLength(1);
  });
});

it.skipIf(skippingServer === undefined)('a refund that takes days is waited for', async () => {
  const saga = await startTimeSkippingSaga();
  const refunds = refunding(saga);
  const orderNo = await refunds.paid();
  await saga.gateway.refundDelay(5 * 86_400_000);
  await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
  const refundNo = await refunds.ask(orderNo, 500);
  await refunds.when(refundNo, ({ state }) => state === 'processing');
  const queries = await saga.gateway.calls('refundQuery');
  for (let day = 0; day < 4; day += 1) await saga.pass(86_400);
  expect(await saga.refund(refundNo)).toMatchObject({ state: 'processing' });
  // Every minute five times, after 5, 10 and 20, then every half hour.
  expect((await saga.gateway.calls('refundQuery')) - queries).toBeLessThanOrEqual(4 * 48 + 10);
  await saga.pass(86_400);
  for (let minutes = 0; minutes < 60; minutes += 10) await saga.pass(600);
  await refunds.ended(refundNo, 'succeeded');
  await saga.stop();
});
