import { describe, expect, it, type TestContext } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { eventsOf, isSignalled } from '../support/history.js';
import type { OrderAnswer } from '../support/order-answer.js';
import { refunding } from '../support/refunds.js';
import { type Saga, type Shop, useSaga } from '../support/saga.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';
import { until } from '../support/until.js';

const decadesAhead = 'Fri, 22 Nov 2096 00:00:00 GMT';
const LIMITED = { kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect: false, signed: false } as const;
const PAGE = {
  kind: 'error',
  status: 503,
  effect: false,
  body: '<html>busy</html>',
  contentType: 'text/html',
} as const;
/** As proxies before WeChat Pay answer: each to a merchant of its own, since a limit is the merchant's. */
const ANSWERS = [
  ['an unsigned 429 until some day', { ...LIMITED, retryAfter: '999999' }],
  ['a page with 503 until tomorrow', { ...PAGE, retryAfter: '86400' }],
  ['a date decades ahead', { ...PAGE, retryAfter: decadesAhead }],
  ['a number longer than any number', { ...PAGE, retryAfter: '9'.repeat(400) }],
  ['part of a second', { ...PAGE, retryAfter: '1.5' }],
  ['less than nothing', { ...LIMITED, retryAfter: '-1' }],
] as const;

const ofShop = ({ apiKey }: Shop): string => apiKey;
/** What a person or the shop asks for, each of a merchant of its own. */
const DEEDS = [
  { deed: 'sync', isPaid: true, key: ofShop },
  { deed: 'close', isPaid: false, key: ofShop },
  { deed: 'recheck', isPaid: true, key: (_: Shop, { operatorKey }: Saga): string => operatorKey },
] as const;

describe('a call answered with a time to wait', () => {
  /** The first merchant is the refund's; the last two are those of the cards and of the orders that are made again. */
  const saga = useSaga(() => ({ merchants: 1 + ANSWERS.length + DEEDS.length + 2 }));
  const shopAt = (index: number): Shop => {
    const shop = saga.shops.at(index);
    if (shop === undefined) throw new Error('a merchant for each call');
    return shop;
  };

  const when = (orderNo: OrderNo, shop: Shop, wished: (order: OrderAnswer) => boolean): Promise<OrderAnswer> =>
    until(
      'the order as wished',
      async () => {
        const order = await saga.order(orderNo, shop);
        return wished(order) && order;
      },
      100_000,
    );

  it.concurrent.each(ANSWERS.map(([name, fault], index) => ({ name, fault, index })))(
    'of $name keeps no other order of the merchant waiting, and is made again when somebody asks',
    async ({ fault, index }) => {
      const shop = shopAt(1 + index);
      const { orderNo } = await saga.createOrder({}, shop);
      const other = await saga.createOrder({}, shop);
      await shop.gateway.fault({ on: 'query', ...fault, outTradeNo: orderNo, times: 0 });
      await shop.gateway.pay(orderNo);
      await until('the evidence', async () => isSignalled(saga.workflow(orderNo, shop), 'evidence'));
      await until('the query', async () => (await saga.order(orderNo, shop)).explain.lastAnswer?.api === 'query');
      await shop.gateway.pay(other.orderNo);
      expect(await when(other.orderNo, shop, ({ state }) => state === 'paid')).toMatchObject({ stuckReason: null });
      expect(await saga.order(orderNo, shop)).toMatchObject({ state: 'awaitingPayment', stuckReason: null });
      await shop.gateway.repair();
      // A call that waits is made again when somebody asks anew, so that nobody waits for long.
      const sync = () => saga.briefly.call('POST', `/v1/orders/${orderNo}/sync`, undefined, shop.apiKey);
      await until('an answer', async () => (await sync()).status === 200);
      expect(await saga.order(orderNo, shop)).toMatchObject({ state: 'paid', stuckReason: null });
    },
  );

  /** WeChat Pay asks the merchant for quiet, because of an order that nobody asks about. */
  const limited = async (shop: Shop): Promise<OrderNo> => {
    const { orderNo } = await saga.createOrder({}, shop);
    await shop.gateway.fault({ on: 'query', ...LIMITED, retryAfter: '999999', outTradeNo: orderNo, times: 0 });
    await shop.gateway.pay(orderNo);
    await until('the query', async () => (await queriesOf(orderNo)).includes('FREQUENCY_LIMITED'));
    return orderNo;
  };
  const queriesOf = async (orderNo: OrderNo): Promise<string[]> => {
    const rows = await saga.services.connection.sql<{ outcome: string }[]>`
      select outcome from gateway_calls where order_no = ${orderNo} and api = 'query' order by id`;
    return rows.map(({ outcome }) => outcome);
  };

  it.concurrent('that is a limit is said on the cards of all whose calls wait for it', async () => {
    const shop = shopAt(-1);
    const { orderNo } = await saga.createOrder({}, shop);
    const first = await limited(shop);
    await shop.gateway.pay(orderNo);
    await until('a call kept back', async () => (await queriesOf(orderNo)).includes('gate_shut'));
    for (const it of [first, orderNo]) {
      const { text } = (await saga.order(it, shop)).explain;
      expect(text.en).toMatch(/WeChat Pay asks for fewer calls just now .* until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08/);
      expect(text.zh).toMatch(/微信支付要求暂缓请求.*本次到 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08/);
    }
  });

  it.concurrent.each(DEEDS.map((deed, index) => ({ ...deed, index })))(
    'that is a limit does not hold back a $deed',
    async ({ deed, isPaid, key, index }) => {
      const shop = shopAt(1 + ANSWERS.length + index);
      const { orderNo } = await saga.createOrder({}, shop);
      await shop.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
      if (isPaid) await shop.gateway.pay(orderNo);
      await limited(shop);
      const path = `/v1/orders/${orderNo}/${deed}?mchid=${shop.mchid}`;
      await saga.call('POST', path, deed === 'recheck' ? { reason: 'test' } : undefined, key(shop, saga));
      await when(orderNo, shop, ({ state }) => state === (isPaid ? 'paid' : 'closed'));
      expect(await queriesOf(orderNo)).toEqual(isPaid ? ['paid'] : expect.not.arrayContaining(['rate_limited']));
    },
  );

  it.concurrent('is made again at once when somebody asks, and given up when the order is closed', async () => {
    const shop = shopAt(-2);
    const untilTomorrow = { on: 'query', ...PAGE, retryAfter: '86400', times: 0 } as const;
    const asked = await saga.createOrder({}, shop);
    const closed = await saga.createOrder({}, shop);
    for (const { orderNo } of [asked, closed]) {
      await shop.gateway.fault({ ...untilTomorrow, outTradeNo: orderNo });
      await shop.gateway.pay(orderNo);
      await until('a query', async () => (await saga.order(orderNo, shop)).explain.lastAnswer?.api === 'query');
    }
    await shop.gateway.repair();
    const { status, body } = await saga.call('POST', `/v1/orders/${asked.orderNo}/sync`, undefined, shop.apiKey);
    expect([status, body.state]).toEqual([200, 'paid']);
    const answer = await saga.call('POST', `/v1/orders/${closed.orderNo}/close`, undefined, shop.apiKey);
    expect([answer.status, answer.body.code]).toEqual([409, 'order_paid']);
  });

  it.concurrent('of a refund is made again at once when a person asks', async () => {
    const refunds = refunding(saga);
    await saga.gateway.refundDelay(24 * 3_600_000);
    const orderNo = await refunds.paid();
    await saga.gateway.fault({ on: 'refundQuery', ...PAGE, retryAfter: '86400', times: 0 });
    const refundNo = await refunds.ask(orderNo, 500);
    await refunds.when(refundNo, ({ state }) => state === 'processing');
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await until('a query', async () => (await saga.gateway.calls('refundQuery')) > 0);
    await saga.gateway.repair();
    await saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
    await refunds.ended(refundNo, 'succeeded');
    const events = await eventsOf(saga.refundWorkflow(refundNo));
    expect(events.some((event) => event.activityTaskCancelRequestedEventAttributes != null)).toBe(true);
  });
});

describe.skipIf(skippingServer === undefined)('a call without an answer', () => {
  /** On a server of its own: once a call is given up while it waits, the server lets time pass no faster than it passes. */
  const started = async ({ onTestFinished }: TestContext): Promise<TimeSkippingSaga> => {
    const saga = await startTimeSkippingSaga();
    onTestFinished(() => saga.stop());
    return saga;
  };

  it.concurrent('shows after three minutes, while it goes on', async (context) => {
    const saga = await started(context);
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'query', ...PAGE, retryAfter: '86400', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    await until('a query', async () => (await saga.order(orderNo)).explain.lastAnswer?.api === 'query');
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null });
    for (let half = 0; half < 6; half += 1) await saga.pass(30);
    await saga.pass(5);
    const stuck = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
    expect(stuck).toMatchObject({ state: 'awaitingPayment', stuckReason: 'gateway_unreachable' });
    await saga.gateway.repair();
    await saga.pass(60);
    const paid = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(paid).toMatchObject({ paidFen: 1200, stuckReason: null });
  });

  it.concurrent('is made again when somebody asks again', async (context) => {
    const saga = await started(context);
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault(
      { on: 'query', ...PAGE, retryAfter: '86400', outTradeNo: orderNo, times: 0 },
      { on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 },
    );
    await saga.gateway.pay(orderNo);
    const sync = async () => (await saga.briefly.call('POST', `/v1/orders/${orderNo}/sync`)).status;
    const first = sync();
    await until('a query', async () => (await saga.order(orderNo)).explain.lastAnswer?.api === 'query');
    await saga.pass(20);
    expect(await first).toBe(503);
    await saga.gateway.repair();
    // No time passes for Temporal: the call waits for its next try unless it is made anew. One sync is heard every 5 s.
    await until('an answer', async () => (await sync()) === 200, 60_000);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid' });
  });

  it.concurrent('does not keep an order open beyond its deadline', async (context) => {
    const saga = await started(context);
    const { orderNo } = await saga.createOrder({ expiresInSeconds: 60 });
    await saga.gateway.fault({ on: 'query', ...PAGE, retryAfter: '86400', outTradeNo: orderNo, times: 0 });
    const syncing = saga.call('POST', `/v1/orders/${orderNo}/sync`);
    await until('a query', async () => (await saga.order(orderNo)).explain.lastAnswer?.api === 'query');
    await saga.pass(65);
    await saga.orderWhen(orderNo, ({ ending }) => ending === 'expired');
    await saga.gateway.repair();
    await saga.pass(60);
    expect(await saga.orderWhen(orderNo, ({ state }) => state === 'closed')).toMatchObject({ closedReason: 'expired' });
    await syncing;
  });
});
