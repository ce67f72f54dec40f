import { describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import type { OrderAnswer } from '../support/order-answer.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });

type Policy = { readonly latePayment?: 'refund' | 'accept' | 'review' };

async function closedOrder(policy: Policy = {}): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder({ policy });
  expect((await saga.call('POST', `/v1/orders/${orderNo}/close`)).body).toMatchObject({ state: 'closed' });
  return orderNo;
}

/** The shop has heard exactly these, each once. */
async function expectHeard(orderNo: string, types: readonly string[]): Promise<void> {
  const last = types.at(-1) ?? '';
  await until(`the event ${last}`, () => shop.of(orderNo).some(({ type }) => type === last));
  expect(shop.of(orderNo).map(({ type }) => type)).toEqual(types);
  expect(shop.of(orderNo).every(({ verified }) => verified)).toBe(true);
}

const resolve = (orderNo: string, action: string) =>
  saga.call('POST', `/v1/orders/${orderNo}/resolve?mchid=${saga.mchid}`, { action, reason: 'test' }, saga.operatorKey);

const returned = (cause: string) => expect.objectContaining({ cause, state: 'succeeded' }) as unknown;

/** The workflow ends only when nothing is undecided. */
const ended = (orderNo: OrderNo) => saga.workflow(orderNo).result();

describe('money after closing', () => {
  it('goes back, once, under one number', async () => {
    const orderNo = await closedOrder();
    await saga.gateway.pay(orderNo, { force: true });
    const order = await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(order).toMatchObject({ state: 'closed', closedReason: 'cancelled', paidFen: 0, stuckReason: null });
    expect(order.refunds).toEqual([returned('late_payment')]);
    expect(order.refunds[0]).toMatchObject({ refundNo: `${orderNo}@return` });
    expect(await saga.gateway.refunds(orderNo)).toMatchObject([{ refund: 1200, status: 'SUCCESS' }]);
    await saga.refundWorkflow(`${orderNo}@return`).result();
    await expectHeard(orderNo, ['order.closed', 'refund.succeeded']);
    await ended(orderNo);
  });

  it('makes the order paid where its policy accepts it, and the shop hears that it is late', async () => {
    const orderNo = await closedOrder({ latePayment: 'accept' });
    await saga.gateway.pay(orderNo, { force: true });
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(order).toMatchObject({ paidFen: 1200, refunds: [], returnedFen: 0, stuckReason: null });
    await expectHeard(orderNo, ['order.closed', 'order.paid']);
    expect(shop.of(orderNo).map(({ late }) => late)).toEqual([false, true]);
    await ended(orderNo);
  });

  it.each([
    ['accept', 'paid', ['order.closed', 'order.review', 'order.paid']],
    ['return', 'closed', ['order.closed', 'order.review', 'order.closed', 'refund.succeeded']],
  ] as const)('waits for a person where its policy says so, who decides: %s', async (action, state, types) => {
    const orderNo = await closedOrder({ latePayment: 'review' });
    await saga.gateway.pay(orderNo, { force: true });
    const order = await saga.orderWhen(orderNo, (it) => it.state === 'review');
    expect(order).toMatchObject({ reviewReason: 'late_payment', stuckReason: 'review', paidFen: 0 });
    expect(order.attempts[0]).toMatchObject({ state: 'succeeded', paidFen: 1200 });
    const answer = await resolve(orderNo, action);
    expect([answer.status, answer.body]).toMatchObject([200, { state, stuckReason: null, reviewReason: null }]);
    await expectHeard(orderNo, types);
    await ended(orderNo);
  });

  it('of another amount is never accepted by itself', async () => {
    const { orderNo } = await saga.createOrder({ policy: { latePayment: 'accept' } });
    await saga.gateway.fault({ on: 'pay', kind: 'wrongAmount', totalFen: 700, outTradeNo: orderNo });
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    await saga.gateway.pay(orderNo, { force: true });
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    expect(order).toMatchObject({ reviewReason: 'amount_mismatch', paidFen: 0 });
    expect((await resolve(orderNo, 'return')).body).toMatchObject({ state: 'closed', closedReason: 'returned' });
    await ended(orderNo);
    await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 700);
  });
});

describe('a payment too many', () => {
  it('on another attempt of a paid order goes back in full, once, without a person', async () => {
    const { orderNo } = await saga.createOrder();
    const second = await saga.call('POST', `/v1/orders/${orderNo}/attempts`, {
      product: 'h5',
      clientIp: '203.0.113.7',
    });
    expect(second.status).toBe(201);
    await saga.gateway.pay(`${orderNo}*2`);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    await saga.gateway.pay(orderNo, { force: true });
    const order = await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(order).toMatchObject({ state: 'paid', paidFen: 1200, refundedFen: 0, stuckReason: null });
    expect(order.attempts.map(({ paidFen, refundedFen }) => [paidFen, refundedFen])).toEqual([
      [1200, 1200],
      [1200, 0],
    ]);
    expect(order.refunds).toEqual([returned('second_payment')]);
    expect(await saga.gateway.refunds(orderNo)).toHaveLength(1);
    expect(await saga.gateway.refunds(`${orderNo}*2`)).toEqual([]);
    await expectHeard(orderNo, ['order.paid', 'refund.succeeded']);
    await ended(orderNo);
  });
});

describe('a wrong amount', () => {
  async function inReview(): Promise<OrderNo> {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'pay', kind: 'wrongAmount', totalFen: 900, outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    expect(order).toMatchObject({ reviewReason: 'amount_mismatch', stuckReason: 'review' });
    return orderNo;
  }

  it('is taken as it is when a person accepts it', async () => {
    const orderNo = await inReview();
    const { status, body } = await resolve(orderNo, 'accept');
    expect([status, body]).toMatchObject([200, { state: 'paid', amountFen: 1200, paidFen: 900, stuckReason: null }]);
    await expectHeard(orderNo, ['order.review', 'order.paid']);
    await ended(orderNo);
  });

  it('goes back when a person says so, and once, however often', async () => {
    const orderNo = await inReview();
    const answers = await Promise.all(Array.from({ length: 5 }, () => resolve(orderNo, 'return')));
    expect(answers.map(({ status }) => status)).toContain(200);
    // Whoever asks after it was decided is told that nothing is left to decide.
    for (const { status, body } of answers) {
      expect(body).toMatchObject(status === 200 ? { state: 'closed' } : { code: 'resolve_not_applicable' });
    }
    expect((await resolve(orderNo, 'return')).body).toMatchObject({ code: 'resolve_not_applicable' });
    await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 900);
    expect(await saga.gateway.refunds(orderNo)).toMatchObject([{ refund: 900 }]);
    await ended(orderNo);
  });

  it('cannot be left behind by closing', async () => {
    const orderNo = await inReview();
    const { status, body } = await resolve(orderNo, 'close');
    expect([status, body]).toMatchObject([409, { code: 'money_held' }]);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'review' });
    await resolve(orderNo, 'return');
  });

  it('is not decided on while WeChat Pay does not confirm it', async () => {
    const orderNo = await inReview();
    await saga.gateway.fault({ on: 'query', kind: 'stale', outTradeNo: orderNo });
    const { status, body } = await resolve(orderNo, 'accept');
    expect([status, body]).toMatchObject([409, { code: 'resolve_unconfirmed' }]);
    expect(await saga.order(orderNo)).toMatchObject({ state: 'review' });
    expect((await resolve(orderNo, 'accept')).body).toMatchObject({ state: 'paid' });
    await ended(orderNo);
  });
});

describe('nothing to decide', () => {
  it.each(['accept', 'return', 'close'])('%s of an order that needs nobody is refused', async (action) => {
    const { orderNo } = await saga.createOrder();
    const refused = async (): Promise<Partial<OrderAnswer>> => (await resolve(orderNo, action)).body;
    expect(await refused()).toMatchObject({ code: 'resolve_not_applicable' });
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(await refused()).toMatchObject({ code: 'resolve_not_applicable' });
  });
});
