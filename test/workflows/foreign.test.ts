import { afterEach, describe, expect, it } from 'vitest';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { type OrderNo, type OutTradeNo } from '../../src/base/ids.js';
import { parseFen } from '../../src/base/money.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
afterEach(() => saga.gateway.repair());

/** Another system of the merchant's opens a trade under this number. */
async function openElsewhere(outTradeNo: OutTradeNo, options: { paid?: boolean; closed?: boolean } = {}) {
  const gateway = saga.services.gateways.for(saga.mchid);
  const amountFen = parseFen(1200);
  if (gateway === undefined || !amountFen.ok) throw new Error('this merchant is not served');
  const body = gateway.prepayBody({
    ...{ outTradeNo, product: 'native', appid: await appid(), amountFen: amountFen.value },
    ...{
      description: 'Sold elsewhere',
      attach: null,
      openid: null,
      clientIp: null,
      h5Type: null,
      sale: null,
      sceneInfo: null,
      identity: null,
      prepayBody: null,
    },
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  const signal = new AbortController().signal;
  expect(await gateway.prepay({ product: 'native', body }, { patience: 'durable', signal })).toMatchObject({
    kind: 'opened',
  });
  if (options.closed) await gateway.close({ outTradeNo }, { patience: 'durable', signal });
  if (options.paid) await saga.gateway.pay(outTradeNo);
}

async function appid(): Promise<string> {
  const merchant = (await saga.control('GET', `/merchant?mchid=${saga.mchid}`)) as { appid: string };
  return merchant.appid;
}

const first = (orderNo: OrderNo): OutTradeNo => nthOutTradeNo(orderNo, 1);
const second = (orderNo: OrderNo): OutTradeNo => nthOutTradeNo(orderNo, 2);
const resolve = (orderNo: OrderNo, action: string) =>
  saga.call('POST', `/v1/orders/${orderNo}/resolve?mchid=${saga.mchid}`, { action, reason: 'test' }, saga.operatorKey);

describe('a number somebody else used first', () => {
  it("and paid is never this order's money: a person decides, and only to close", async () => {
    const orderNo = saga.newOrderNo();
    await openElsewhere(first(orderNo), { paid: true });
    const created = await saga.createOrder({
      orderNo,
      policy: { fulfilment: { required: true, deadlineSeconds: 60 } },
    });
    expect(created.body).toMatchObject({ state: 'review', reviewReason: 'number_in_use', paidFen: 0, paidAt: null });
    expect(created.body.attempts).toMatchObject([{ state: 'failed', paidFen: 0, transactionId: null }]);
    const kept = expect.objectContaining({ source: 'query', amountFen: 1200 }) as unknown;
    expect((await saga.order(orderNo)).evidence).toContainEqual(kept);
    for (const action of ['accept', 'return']) {
      const refused = await resolve(orderNo, action);
      expect([refused.status, refused.body.code]).toEqual([409, 'money_not_ours']);
    }
    const closed = await resolve(orderNo, 'close');
    expect([closed.status, closed.body]).toMatchObject([200, { state: 'closed', closedReason: 'rejected' }]);
    await saga.workflow(orderNo).result();
    await until('the last event', () => shop.of(orderNo).length >= 2);
    expect(shop.of(orderNo).map(({ type }) => type)).toEqual(['order.review', 'order.closed']);
    expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'SUCCESS' });
    expect(await saga.gateway.refunds(orderNo)).toEqual([]);
  });

  it.each([
    ['left open', {}, 'NOTPAY'],
    ['closed', { closed: true }, 'CLOSED'],
  ] as const)('and %s is left alone: the order goes on with the next number', async (_name, options, state) => {
    const orderNo = saga.newOrderNo();
    await openElsewhere(first(orderNo), options);
    const { status, body } = await saga.createOrder({ orderNo });
    expect([status, body]).toMatchObject([201, { state: 'awaitingPayment' }]);
    expect(body.attempts).toMatchObject([
      { outTradeNo: first(orderNo), state: 'failed', codeUrl: null },
      { outTradeNo: second(orderNo), state: 'open', codeUrl: expect.stringContaining('weixin://') as unknown },
    ]);
    await saga.gateway.pay(second(orderNo));
    expect(await saga.orderWhen(orderNo, (it) => it.state === 'paid')).toMatchObject({ paidFen: 1200 });
    expect(await saga.gateway.trade(first(orderNo))).toMatchObject({ trade_state: state });
  });

  it('and paid later changes nothing, whoever asks', async () => {
    const orderNo = saga.newOrderNo();
    await openElsewhere(first(orderNo));
    await saga.createOrder({ orderNo });
    const before = await saga.gateway.calls('query');
    await saga.gateway.pay(first(orderNo));
    await until('its notify', async () =>
      (await saga.gateway.notifies(first(orderNo))).some((it) => it.status === 204 || it.status === 200),
    );
    await saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
    await until('the recheck', async () => (await saga.gateway.calls('query')) > before);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'awaitingPayment', paidFen: 0, stuckReason: null });
    await saga.gateway.pay(second(orderNo));
    const paid = await saga.orderWhen(orderNo, (it) => it.state === 'paid');
    expect(paid).toMatchObject({ paidFen: 1200, refunds: [], returnedFen: 0 });
    await saga.workflow(orderNo).result();
    expect(await saga.gateway.refunds(first(orderNo))).toEqual([]);
  });
});

describe('money of our own that comes while a number somebody else used is in review', () => {
  it.each([
    ['accept', { state: 'paid', paidFen: 1200, returnedFen: 0 }, []],
    ['return', { state: 'closed', closedReason: 'returned', paidFen: 0 }, [1200]],
  ] as const)('is decided by %s, and their money stays where it is', async (action, end, refunded) => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.foreignTrade({ outTradeNo: second(orderNo), totalFen: 777, state: 'SUCCESS' });
    await saga.call('POST', `/v1/orders/${orderNo}/attempts`, { product: 'h5', clientIp: '203.0.113.7' });
    await saga.orderWhen(orderNo, ({ reviewReason }) => reviewReason === 'number_in_use');
    await saga.gateway.pay(first(orderNo), { force: true });
    const { explain } = await saga.orderWhen(orderNo, ({ attempts }) => attempts[0]?.paidFen === 1200);
    expect(explain.commands[0]).toContain(`paysaga resolve ${orderNo} accept`);
    expect(explain.commands.join()).not.toContain(`resolve ${orderNo} close`);
    expect(explain.text.en).toContain(`${second(orderNo)} (¥7.77)`);
    expect(explain.text.en).toContain(`This order's own money is under ${first(orderNo)}: ¥12.00`);
    const held = await resolve(orderNo, 'close');
    expect([held.status, held.body.code]).toEqual([409, 'money_held']);
    expect(await resolve(orderNo, action)).toMatchObject({ status: 200 });
    await saga.orderWhen(orderNo, ({ state }) => state === end.state);
    await saga.workflow(orderNo).result();
    expect(await saga.order(orderNo)).toMatchObject(end);
    const back = await until('what went back', async () => {
      const refunds = await saga.gateway.refunds(first(orderNo));
      return refunds.length === refunded.length && refunds;
    });
    expect(back.map(({ refund }) => refund)).toEqual(refunded);
    expect(await saga.gateway.refunds(second(orderNo))).toEqual([]);
  });
});

describe('money paid under the number before our first prepay, of which nobody knows whether it took effect', () => {
  const paidAnHourAgo = (outTradeNo: OutTradeNo) =>
    saga.gateway.foreignTrade({
      ...{ outTradeNo, totalFen: 1200, state: 'SUCCESS' },
      successTime: new Date(Date.now() - 3_600_000).toISOString(),
    });
  const paidInTenMinutes = (outTradeNo: OutTradeNo) =>
    saga.gateway.foreignTrade({
      ...{ outTradeNo, totalFen: 1200, state: 'SUCCESS' },
      successTime: new Date(Date.now() + 600_000).toISOString(),
    });
  /** As if somebody's payer was a moment faster than our first prepay. */
  const paidWithoutATime = async (outTradeNo: OutTradeNo) => {
    await saga.gateway.foreignTrade({ outTradeNo, totalFen: 1200, state: 'NOTPAY' });
    await saga.gateway.pay(outTradeNo, { omit: ['success_time'] });
  };
  const paidAnotherSum = (outTradeNo: OutTradeNo) =>
    saga.gateway.foreignTrade({ outTradeNo, totalFen: 1300, state: 'SUCCESS' });
  const isNotOurs = { state: 'review', reviewReason: 'number_in_use', paidFen: 0, paidAt: null, refunds: [] };
  const policy = { fulfilment: { required: true, deadlineSeconds: 60 } };

  it.each([
    ['an hour ago', paidAnHourAgo],
    ['nobody says when', paidWithoutATime],
    ['in ten minutes, as it is said', paidInTenMinutes],
    ['another sum', paidAnotherSum],
  ])("is somebody else's: %s, never paid, and never given back by itself", async (_name, pay) => {
    const orderNo = saga.newOrderNo();
    await pay(first(orderNo));
    await saga.gateway.fault({ on: 'prepay', kind: 'http500', outTradeNo: orderNo });
    await saga.createOrder({ orderNo, policy });
    const order = await saga.orderWhen(orderNo, ({ state }) => state !== 'creating');
    expect(order).toMatchObject(isNotOurs);
    expect(order.attempts).toMatchObject([{ state: 'failed', paidFen: 0, transactionId: null }]);
    const rejected = await saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome: 'rejected' });
    expect([rejected.status, rejected.body.code]).toEqual([409, 'order_not_paid']);
    for (const action of ['accept', 'return']) {
      const refused = await resolve(orderNo, action);
      expect([refused.status, refused.body.code]).toEqual([409, 'money_not_ours']);
    }
    expect((await resolve(orderNo, 'close')).body).toMatchObject({ state: 'closed', closedReason: 'rejected' });
    await saga.workflow(orderNo).result();
    expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'SUCCESS' });
    expect(await saga.gateway.refunds(orderNo)).toEqual([]);
  });

  it.each([
    ['INVALID_REQUEST', '请求重入时，参数与首次请求时不一致，请核实后再试'],
    ['PARAM_ERROR', '参数错误'],
  ])('nor is it taken when the same prepay is then refused: so was the first (%s)', async (code, message) => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.foreignTrade({ outTradeNo: first(orderNo), totalFen: 1200, state: 'NOTPAY' });
    await saga.gateway.fault({ on: 'prepay', kind: 'http500', outTradeNo: orderNo });
    const refusal = { kind: 'error', status: 400, code, message, effect: false } as const;
    await saga.gateway.fault({ on: 'prepay', ...refusal, outTradeNo: orderNo });
    await saga.gateway.fault({ on: 'query', kind: 'payBefore', outTradeNo: orderNo });
    await saga.createOrder({ orderNo, policy });
    expect(await saga.orderWhen(orderNo, ({ state }) => state !== 'creating')).toMatchObject(isNotOurs);
    expect(await saga.gateway.refunds(orderNo)).toEqual([]);
  });

  it('nor does a run take it that only Postgres tells of that prepay', async () => {
    const orderNo = saga.newOrderNo();
    await paidAnHourAgo(first(orderNo));
    await saga.gateway.fault({ on: 'prepay', kind: 'http500', outTradeNo: orderNo, times: 0 });
    const before = await saga.gateway.calls('prepay');
    const created = saga.createOrder({ orderNo, policy });
    await until('a prepay', async () => (await saga.gateway.calls('prepay')) > before);
    await saga.workflow(orderNo).terminate('test');
    await saga.gateway.repair();
    await created;
    await saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
    expect(await saga.orderWhen(orderNo, ({ state }) => state !== 'creating')).toMatchObject(isNotOurs);
    expect(await saga.gateway.refunds(orderNo)).toEqual([]);
  });
});

it('a number that was opened with other parameters is not ours, though nobody knows of our first prepay', async () => {
  const orderNo = saga.newOrderNo();
  await openElsewhere(first(orderNo));
  await saga.gateway.fault({ on: 'prepay', kind: 'http500', outTradeNo: orderNo });
  await saga.createOrder({ orderNo });
  const order = await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
  expect(order.attempts).toMatchObject([
    { state: 'failed', codeUrl: null, gateway: { code: 'INVALID_REQUEST' } },
    { outTradeNo: second(orderNo), state: 'open' },
  ]);
  expect(await saga.gateway.trade(first(orderNo))).toMatchObject({ trade_state: 'NOTPAY' });
});

const USED = { on: 'prepay', kind: 'error', status: 403, code: 'OUT_TRADE_NO_USED', effect: false } as const;

describe('a prepay of ours whose answer was lost', () => {
  it('is paid like any other if it is paid', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({ on: 'prepay', kind: 'timeoutAfter', outTradeNo: orderNo });
    await saga.gateway.fault({ ...USED, outTradeNo: orderNo, times: 1 });
    await saga.gateway.fault({ on: 'query', kind: 'payBefore', outTradeNo: orderNo });
    const { body } = await saga.createOrder({ orderNo });
    expect(body).toMatchObject({ state: 'paid', paidFen: 1200 });
  });

  it('and which WeChat Pay does not enter again is closed, and the next number opened', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({ on: 'prepay', kind: 'timeoutAfter', outTradeNo: orderNo });
    await saga.gateway.fault({ ...USED, outTradeNo: orderNo, times: 1 });
    await saga.createOrder({ orderNo });
    const order = await saga.orderWhen(orderNo, (it) => it.state === 'awaitingPayment');
    expect(order.attempts).toMatchObject([{ state: 'closed', codeUrl: null }, { state: 'open' }]);
    expect(await saga.gateway.trade(first(orderNo))).toMatchObject({ trade_state: 'CLOSED' });
    await saga.gateway.pay(second(orderNo));
    expect(await saga.orderWhen(orderNo, (it) => it.state === 'paid')).toMatchObject({ paidFen: 1200 });
  });

  it('is still known as ours to a run that never sent it', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({ on: 'prepay', kind: 'timeoutAfter', outTradeNo: orderNo, times: 0 });
    const created = saga.createOrder({ orderNo });
    await until('the trade', async () => (await saga.gateway.trade(orderNo)) !== undefined);
    await saga.workflow(orderNo).terminate('test');
    await saga.gateway.repair();
    await saga.gateway.fault({ ...USED, outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    await created;
    await saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
    expect(await saga.orderWhen(orderNo, (it) => it.state === 'paid')).toMatchObject({ paidFen: 1200 });
  });
});
