import type { WorkflowHandle } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { parseOrderNo, type OrderNo } from '../../src/base/ids.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import * as orderMessages from '../../workflows/orders/messages.js';
import * as refundMessages from '../../workflows/refunds/messages.js';
import * as sagaMessages from '../../workflows/saga/messages.js';
import * as eventMessages from '../../workflows/shop-events/messages.js';
import { durableTries } from '../support/history.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';
import { must } from '../orders/rules/fixtures.js';

const saga = useSaga();
afterEach(() => saga.gateway.repair());

const post = (orderNo: OrderNo, action: string, body?: unknown, key?: string) =>
  saga.call('POST', `/v1/orders/${orderNo}/${action}`, body, key);
const JSAPI = { product: 'jsapi', payer: { openid: 'o-payer' } };
const lostNotify = (orderNo: OrderNo) =>
  saga.gateway.fault({ on: 'notify', kind: 'drop', times: 0, outTradeNo: orderNo });

describe('closing', () => {
  it('by the shop ends in closed, which WeChat Pay confirms, and a repeat answers the same', async () => {
    const { orderNo } = await saga.createOrder();
    const { status, body } = await post(orderNo, 'close');
    expect({ status, state: body.state, reason: body.closedReason }).toEqual({
      status: 200,
      state: 'closed',
      reason: 'cancelled',
    });
    expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'CLOSED' });
    expect((await post(orderNo, 'close')).body).toEqual(body);
    await saga.workflow(orderNo).result();
  });

  it.each([
    ['close', 'payBefore'],
    ['query', 'payAfter'],
  ] as const)('of an order that is paid in that moment (%s, %s) ends in paid', async (on, kind) => {
    const { orderNo } = await saga.createOrder();
    await lostNotify(orderNo);
    await saga.gateway.fault({ on, kind, outTradeNo: orderNo });
    const { status, body } = await post(orderNo, 'close');
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'order_paid' });
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid', paidFen: 1200 });
  });

  it('is what cancelling the workflow asks for', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.workflow(orderNo).cancel();
    await saga.workflow(orderNo).result();
    expect(await saga.order(orderNo)).toMatchObject({ state: 'closed', closedReason: 'cancelled' });
  });
});

describe('creating', () => {
  it('a hundred times at once makes one order, one workflow and one prepay', async () => {
    const orderNo = saga.newOrderNo();
    const body = { orderNo, amountFen: 100, description: 'Tea', product: 'native' };
    const before = await saga.gateway.calls('prepay');
    const answers = await Promise.all(Array.from({ length: 100 }, () => saga.call('POST', '/v1/orders', body)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(99);
    // On a busy machine the local try's answer may come too late: the order is then asked for again, and has a new code.
    const repeated = await durableTries(saga.workflow(orderNo));
    const calls = (await saga.gateway.calls('prepay')) - before;
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(repeated.length + 1);
    const codes = new Set(answers.map((answer) => answer.body.attempts[0]?.codeUrl));
    expect(codes).not.toContain(undefined);
    expect(codes.size).toBeLessThanOrEqual(calls);
    const { status } = await saga.call('POST', '/v1/orders', { ...body, amountFen: 101 });
    expect(status).toBe(409);
  });

  it('is refused with WeChat Pay’s words, and the order is closed', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({
      on: 'prepay',
      kind: 'error',
      status: 400,
      code: 'PARAM_ERROR',
      effect: false,
      outTradeNo: orderNo,
    });
    const body = { orderNo, amountFen: 100, description: 'Tea', product: 'native' };
    const first = await saga.call('POST', '/v1/orders', body);
    expect(first).toMatchObject({
      status: 422,
      body: { code: 'prepay_refused', gateway: { status: 400, code: 'PARAM_ERROR' } },
    });
    expect((await saga.call('POST', '/v1/orders', body)).status).toBe(422);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'closed', closedReason: 'rejected', stuckReason: null });
  });

  it('for a merchant without the right says so, and goes on once it is repaired', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({
      on: 'prepay',
      kind: 'error',
      status: 403,
      code: 'NO_AUTH',
      effect: false,
      times: 0,
      outTradeNo: orderNo,
    });
    const body = { orderNo, amountFen: 100, description: 'Tea', product: 'native' };
    expect(await saga.call('POST', '/v1/orders', body)).toMatchObject({
      status: 202,
      body: { state: 'creating', stuckReason: 'merchant_config' },
    });
    await saga.gateway.repair();
    await saga.orderWhen(orderNo, ({ state, stuckReason }) => state === 'awaitingPayment' && stuckReason === null);
    const shown = async () =>
      (await saga.workflow(orderNo).describe()).typedSearchAttributes.getAll().map(({ value }) => value);
    await until('the stuck reason is gone from the list', async () => !(await shown()).includes('merchant_config'));
  });
});

describe('a further attempt', () => {
  it('with the same parameters is the one that is open', async () => {
    const { orderNo, body } = await saga.createOrder();
    const again = await post(orderNo, 'attempts', { product: 'native' });
    expect(again).toMatchObject({ status: 200, body: { attempts: body.attempts } });
  });

  it('with others closes the open one first, and pays under its own number', async () => {
    const { orderNo } = await saga.createOrder();
    const { status, body } = await post(orderNo, 'attempts', JSAPI);
    const second = nthOutTradeNo(orderNo, 2);
    expect(status).toBe(201);
    expect(body.attempts).toMatchObject([{ state: 'closed' }, { state: 'open', outTradeNo: second, product: 'jsapi' }]);
    expect(body.attempts[1]?.invoke).toMatchObject({ signType: 'RSA' });
    expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'CLOSED' });
    await saga.gateway.pay(second);
    expect(await saga.orderWhen(orderNo, ({ state }) => state === 'paid')).toMatchObject({ paidFen: 1200 });
  });

  it('of an order with a long number has a digest in its place, is found by its notify, and its money goes back', async () => {
    const orderNo = must(parseOrderNo(saga.newOrderNo().padEnd(32, '-')));
    const { body } = await saga.createOrder({ orderNo });
    expect(body.attempts).toMatchObject([{ state: 'open', outTradeNo: orderNo }]);
    const second = nthOutTradeNo(orderNo, 2);
    expect(second).toHaveLength(31);
    await post(orderNo, 'attempts', JSAPI);
    await saga.gateway.pay(second);
    const paid = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(paid).toMatchObject({ paidFen: 1200, attempts: [{ state: 'closed' }, { outTradeNo: second }] });
    await saga.gateway.pay(orderNo, { force: true });
    await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    const refundNo = await post(orderNo, 'refunds', { refundNo: `R-${orderNo}`, amountFen: 200 });
    expect(refundNo).toMatchObject({ status: 201, body: { outTradeNo: second } });
  });

  it('is refused when the open one turns out to be paid', async () => {
    const { orderNo } = await saga.createOrder();
    await lostNotify(orderNo);
    await saga.gateway.pay(orderNo);
    const { status, body } = await post(orderNo, 'attempts', JSAPI);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'order_not_payable' });
    expect(await saga.order(orderNo)).toMatchObject({
      state: 'paid',
      attempts: [{ state: 'succeeded' }, { state: 'failed' }],
    });
  });
});

describe('an operator', () => {
  const reason = 'the payer called';

  it('rechecks an order whose notify was lost', async () => {
    const { orderNo } = await saga.createOrder();
    await lostNotify(orderNo);
    await saga.gateway.pay(orderNo);
    expect((await post(orderNo, 'recheck', { reason }, saga.operatorKey)).status).toBe(200);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  });

  it('moves the deadline, and the workflow waits for the new one', async () => {
    const { orderNo } = await saga.createOrder({ expiresInSeconds: 600 });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const { status, body } = await post(orderNo, 'extend', { until, reason }, saga.operatorKey);
    expect({ status, expiresAt: body.expiresAt }).toEqual({ status: 200, expiresAt: until });
    const card = await saga.workflow(orderNo).query(orderMessages.statusQuery);
    expect(card).toMatchObject({ state: 'awaitingPayment', stuckReason: null });
  });
});

describe('the payer who came back', () => {
  it('is answered at once, without a notify', async () => {
    const { orderNo } = await saga.createOrder();
    await lostNotify(orderNo);
    await saga.gateway.pay(orderNo);
    expect(await post(orderNo, 'sync')).toMatchObject({ status: 200, body: { state: 'paid', paidFen: 1200 } });
  });

  it('after the order was closed makes it look again, and ends again', async () => {
    const { orderNo } = await saga.createOrder();
    await lostNotify(orderNo);
    await post(orderNo, 'close');
    await saga.workflow(orderNo).result();
    await saga.gateway.pay(orderNo, { force: true });
    const { services } = saga;
    await services.orders.recheck({ mchid: saga.mchid, orderNo });
    const order = await saga.orderWhen(orderNo, ({ refunds }) => refunds.length === 1);
    expect(order).toMatchObject({ state: 'closed', closedReason: 'cancelled', refunds: [{ cause: 'late_payment' }] });
    await saga.workflow(orderNo).result();
  });
});

it('every message that has a name is handled', async () => {
  await saga.gateway.refundDelay(60_000);
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  const { body } = await post(orderNo, 'refunds', { refundNo: `R-${orderNo}`, amountFen: 100 });
  expect(body).toMatchObject({ amountFen: 100 });
  const another = await saga.createOrder();
  const handled = [
    ...(await namesHandled(saga.workflow(another.orderNo))),
    ...(await namesHandled(saga.refundWorkflow(`R-${orderNo}`))),
    // An event's workflow hears this alone; test/workflows/merchant-event shows it.
    eventMessages.resendSignal.name,
  ];
  const messages = { ...sagaMessages, ...orderMessages, ...refundMessages, ...eventMessages };
  const named = Object.values(messages).flatMap((it) => (typeof it === 'object' && 'name' in it ? [it.name] : []));
  expect(named).toHaveLength(16);
  expect(handled).toEqual(expect.arrayContaining(named));
});

async function namesHandled(handle: WorkflowHandle): Promise<string[]> {
  const metadata = await handle.query<{
    definition: Record<'queryDefinitions' | 'signalDefinitions' | 'updateDefinitions', { name: string }[]>;
  }>('__temporal_workflow_metadata');
  const definitions = Object.values(metadata.definition).flat();
  return definitions.flatMap((it) => (typeof it === 'object' ? [it.name] : []));
}
