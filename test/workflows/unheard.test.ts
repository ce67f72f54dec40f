import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openOperatorAction, type OperatorRequest } from '../../src/actions/store/action.js';
import type { OrderNo } from '../../src/base/ids.js';
import { startBrokenBuild } from '../support/broken-build.js';
import { sweep } from '../support/resume-later.js';
import { startSaga, type Saga } from '../support/saga.js';
import { startShopEndpoint, type ShopEndpoint } from '../support/shop-endpoint.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';

const TO_FULFIL = { policy: { fulfilment: { required: true, deadlineSeconds: 3_600 } } };

/** As a call leaves it that was answered 503 before Temporal took it. */
async function asked(saga: Saga, orderNo: OrderNo, request: Pick<OperatorRequest, 'action' | 'parameters'>) {
  const who = { actor: 'the shop', reason: null, at: new Date() };
  await openOperatorAction(saga.services.connection.db, { mchid: saga.mchid, orderNo, ...request, ...who });
}

const outcomesOf = ({ services: { connection } }: Saga, orderNo: OrderNo) =>
  connection.sql<{ action: string; outcome: string | null }[]>`
    select action, outcome from operator_actions where order_no = ${orderNo} order by requested_at, action`;

const SAID = { action: 'fulfilment', parameters: { outcome: 'fulfilled' } } as const;

describe.skipIf(skippingServer === undefined)('what was said in time, and the order could not be told', () => {
  let saga: TimeSkippingSaga;
  let shop: ShopEndpoint;
  beforeEach(async () => {
    shop = await startShopEndpoint();
    saga = await startTimeSkippingSaga({ endpoint: shop });
  });
  afterEach(async () => {
    await saga.stop();
    await shop.close();
  });

  it('goods that are delivered are not given back when the time to deliver is over', async () => {
    const { orderNo } = await saga.createOrder(TO_FULFIL);
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ explain }) => explain.waitingFor === 'fulfilment');
    await asked(saga, orderNo, SAID);
    await saga.pass(3_700);
    expect(await saga.orderWhen(orderNo, ({ fulfilment }) => fulfilment !== 'pending')).toMatchObject({
      fulfilment: 'fulfilled',
      refunds: [],
    });
    await saga.workflow(orderNo).result();
    expect(await saga.gateway.refunds(orderNo)).toEqual([]);
  });

  it('an order that is to be kept open does not expire', async () => {
    const { orderNo } = await saga.createOrder({ expiresInSeconds: 600 });
    await asked(saga, orderNo, { action: 'hold', parameters: {} });
    await saga.pass(700);
    const order = await saga.orderWhen(orderNo, ({ expiresAt, createdAt }) => lasts(createdAt, expiresAt) > 6 * 86_400);
    expect(order.state).toBe('awaitingPayment');
  });

  const lasts = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1_000;
});

describe('an order that hears of nothing', () => {
  let saga: Saga;
  let shop: ShopEndpoint;
  beforeAll(async () => {
    shop = await startShopEndpoint();
    saga = await startSaga({ endpoint: shop });
  });
  afterAll(async () => {
    await saga.stop();
    await shop.close();
  });

  async function orderToFulfil(): Promise<OrderNo> {
    const { orderNo } = await saga.createOrder(TO_FULFIL);
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ explain }) => explain.waitingFor === 'fulfilment');
    return orderNo;
  }

  it('and is started again finds in Postgres what was said', async () => {
    const orderNo = await orderToFulfil();
    await saga.workflow(orderNo).terminate();
    await asked(saga, orderNo, SAID);
    await saga.services.orders.resume({ mchid: saga.mchid, orderNo });
    await saga.orderWhen(orderNo, ({ fulfilment }) => fulfilment === 'fulfilled');
  });

  it('is told by the sweeper, and the request is finished', async () => {
    const { orderNo: toClose } = await saga.createOrder();
    const { orderNo: toHold } = await saga.createOrder();
    const toDeliver = await orderToFulfil();
    await asked(saga, toClose, { action: 'close', parameters: {} });
    await asked(saga, toHold, { action: 'hold', parameters: {} });
    await asked(saga, toHold, { action: 'recheck', parameters: {} });
    await asked(saga, toDeliver, SAID);
    await sweep(saga, 2 * 60_000);
    await saga.orderWhen(toClose, ({ closedReason }) => closedReason === 'cancelled');
    expect(await outcomesOf(saga, toClose)).toMatchObject([{ outcome: 'closed' }]);
    expect(await outcomesOf(saga, toHold)).toMatchObject([
      { action: 'hold', outcome: 'extended' },
      { action: 'recheck', outcome: 'asked' },
    ]);
    expect(await outcomesOf(saga, toDeliver)).toMatchObject([{ outcome: 'recorded' }]);
    expect(await saga.order(toDeliver)).toMatchObject({ fulfilment: 'fulfilled' });
  });

  it('a refund made elsewhere, about which WeChat Pay gave no answer, is booked later', async () => {
    const orderNo = await orderToFulfil();
    const made = await saga.control('POST', `/refunds?mchid=${saga.mchid}`, {
      ...{ outTradeNo: orderNo, refundFen: 900, notify: null },
    });
    const { out_refund_no: outRefundNo } = made as { out_refund_no: string };
    await saga.gateway.fault({ on: 'refundQuery', kind: 'error', status: 500, code: 'SYSTEM_ERROR', effect: false });
    const path = `/v1/orders/${orderNo}/external-refunds?mchid=${saga.mchid}`;
    const answer = await saga.call('POST', path, { outRefundNo, reason: 'test' }, saga.operatorKey);
    expect([answer.status, answer.body.code]).toEqual([503, 'outcome_pending']);
    expect(await outcomesOf(saga, orderNo)).toMatchObject([{ action: 'externalRefund', outcome: null }]);
    await sweep(saga, 2 * 60_000);
    expect(await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 900)).toMatchObject({
      refunds: [{ refundNo: outRefundNo, cause: 'external', state: 'succeeded' }],
    });
    expect(await outcomesOf(saga, orderNo)).toMatchObject([{ action: 'externalRefund', outcome: 'asked' }]);
  });

  it('of its goods is told otherwise later: what was said first stands', async () => {
    const orderNo = await orderToFulfil();
    await asked(saga, orderNo, SAID);
    const other = await saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome: 'rejected' });
    expect([other.status, other.body.code]).toEqual([409, 'fulfilment_final']);
    await sweep(saga, 2 * 60_000);
    expect(await saga.orderWhen(orderNo, ({ fulfilment }) => fulfilment !== 'pending')).toMatchObject({
      fulfilment: 'fulfilled',
      refunds: [],
    });
  });

  it('a later move of the deadline takes the place of one that nobody could be told of', async () => {
    const { orderNo } = await saga.createOrder();
    const until = new Date(Date.now() + 5 * 86_400_000).toISOString();
    await asked(saga, orderNo, { action: 'extend', parameters: { until } });
    const body = { reason: 'the payer gave up' };
    const answer = await saga.call(
      'POST',
      '/v1/bulk',
      { ...body, action: 'release', filter: { orderNos: [orderNo] }, dryRun: false },
      saga.operatorKey,
    );
    expect(answer.status).toBe(202);
    // The bulk asks a moment later; an extend that is swept before was in force until then.
    await expect.poll(() => outcomesOf(saga, orderNo)).toHaveLength(2);
    await sweep(saga, 2 * 60_000);
    await expect
      .poll(() => outcomesOf(saga, orderNo))
      .toMatchObject([
        { action: 'extend', outcome: 'superseded' },
        { action: 'release', outcome: 'extended' },
      ]);
  });
});

describe('an order whose workflow fails its task', () => {
  let saga: Saga;
  let shop: ShopEndpoint;
  beforeAll(async () => {
    shop = await startShopEndpoint();
    saga = await startSaga({ endpoint: shop });
  });
  afterAll(async () => {
    await saga.stop();
    await shop.close();
  });

  it('answers every call with "not yet", and does what was asked once it can', async () => {
    const { orderNo: waiting } = await saga.createOrder();
    const { orderNo: held } = await saga.createOrder();
    const { orderNo: paid } = await saga.createOrder(TO_FULFIL);
    await saga.gateway.pay(paid);
    await saga.orderWhen(paid, ({ explain }) => explain.waitingFor === 'fulfilment');
    await saga.stopWorkers();
    const broken = await startBrokenBuild(saga);
    const operator = (path: string, body: object) =>
      saga.briefly.call('POST', `${path}?mchid=${saga.mchid}`, { reason: 'test', ...body }, saga.operatorKey);
    const until = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const answers = await Promise.all([
      saga.briefly.call('POST', `/v1/orders/${waiting}/close`),
      saga.briefly.call('POST', `/v1/orders/${waiting}/sync`),
      saga.briefly.call('POST', `/v1/orders/${waiting}/attempts`, {
        product: 'h5',
        clientIp: '203.0.113.9',
        h5Type: 'Wap',
      }),
      operator(`/v1/orders/${held}/extend`, { until }),
      saga.briefly.call('POST', `/v1/orders/${paid}/fulfilment`, { outcome: 'fulfilled' }),
      operator(`/v1/orders/${paid}/resolve`, { action: 'accept' }),
    ]);
    const said = answers.map(({ status, body }) => [status, (body as { code?: string }).code]);
    expect(said).toEqual([[202, undefined], ...Array.from({ length: 5 }, () => [503, 'outcome_pending'])]);
    await broken.stop();
    await saga.startWorkers();
    await sweep(saga, 2 * 60_000);
    await saga.orderWhen(waiting, ({ state }) => state === 'closed');
    await saga.orderWhen(paid, ({ fulfilment }) => fulfilment === 'fulfilled');
    await saga.orderWhen(held, ({ expiresAt }) => expiresAt === until);
  });
});
