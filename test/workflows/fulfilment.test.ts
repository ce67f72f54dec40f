import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { OrderNo } from '../../src/base/ids.js';
import { eventsOf } from '../support/history.js';
import { type Saga, useSaga } from '../support/saga.js';
import { startShopEndpoint, type ShopEndpoint, useShopEndpoint } from '../support/shop-endpoint.js';
import { skippingServer, startTimeSkippingSaga, type TimeSkippingSaga } from '../support/time-skipping-saga.js';
import { until } from '../support/until.js';

const required = (onDeadline: 'refund' | 'review' = 'refund', deadlineSeconds = 3_600) => ({
  policy: { fulfilment: { required: true, deadlineSeconds, onDeadline } },
});

const DAY = 24 * 3_600;

async function paidOrder(saga: Saga, fields: Record<string, unknown>): Promise<OrderNo> {
  const { orderNo, status } = await saga.createOrder(fields);
  expect(status).toBe(201);
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  return orderNo;
}

const report = (saga: Saga, orderNo: string, outcome: string) =>
  saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome });

const resolve = (saga: Saga, orderNo: string, action: string) =>
  saga.call('POST', `/v1/orders/${orderNo}/resolve?mchid=${saga.mchid}`, { action, reason: 'test' }, saga.operatorKey);

const heard = (shop: ShopEndpoint, orderNo: string, type: string) =>
  until(`the event ${type}`, () => shop.of(orderNo).find((event) => event.type === type));

describe('what the shop says of its goods', () => {
  const shop = useShopEndpoint();
  const saga = useSaga({ endpoint: shop });

  it('delivered: the order ends, and nothing goes back', async () => {
    const orderNo = await paidOrder(saga, required());
    const told = await saga.orderWhen(orderNo, ({ explain }) => explain.waitingFor === 'fulfilment');
    expect(told).toMatchObject({ fulfilment: 'pending', explain: { actor: 'shop' } });
    expect((await report(saga, orderNo, 'fulfilled')).body).toMatchObject({ state: 'paid', fulfilment: 'fulfilled' });
    await saga.workflow(orderNo).result();
    expect((await report(saga, orderNo, 'fulfilled')).status).toBe(200);
    expect((await report(saga, orderNo, 'rejected')).body).toMatchObject({ code: 'fulfilment_final' });
    expect(await saga.gateway.refunds(orderNo)).toEqual([]);
  });

  it('cannot be delivered: the money goes back, once, and the shop is told first', async () => {
    const orderNo = await paidOrder(saga, required());
    const answers = await Promise.all(Array.from({ length: 5 }, () => report(saga, orderNo, 'rejected')));
    for (const { status, body } of answers) expect([status, body.fulfilment]).toEqual([200, 'rejected']);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    expect(order).toMatchObject({ state: 'paid', paidFen: 1200, refundingFen: 0, returnedFen: 0, stuckReason: null });
    expect(order.refunds).toMatchObject([{ refundNo: `${orderNo}@return`, cause: 'fulfilment_rejected' }]);
    expect(await saga.gateway.refunds(orderNo)).toMatchObject([{ refund: 1200 }]);
    await heard(shop, orderNo, 'refund.succeeded');
    expect(shop.of(orderNo).map(({ type }) => type)).toEqual(['order.paid', 'order.compensating', 'refund.succeeded']);
    await saga.workflow(orderNo).result();
  });

  it('after a part went back, only the rest goes back', async () => {
    const orderNo = await paidOrder(saga, required());
    const part = await saga.call('POST', `/v1/orders/${orderNo}/refunds`, {
      refundNo: `part-${orderNo}`,
      amountFen: 500,
    });
    expect(part.status).toBe(201);
    await report(saga, orderNo, 'rejected');
    const order = await saga.orderWhen(orderNo, ({ refunds }) => refunds.length === 2);
    expect(order.refunds.map(({ amountFen }) => amountFen)).toEqual([500, 700]);
    await saga.workflow(orderNo).result();
  });

  it('an order that needs no fulfilment expects none', async () => {
    const orderNo = await paidOrder(saga, {});
    expect((await report(saga, orderNo, 'fulfilled')).body).toMatchObject({ code: 'fulfilment_not_expected' });
  });

  it('a shop that rejects before it was told is not told that the order is paid any more', async () => {
    shop.answer(({ type }) => (type === 'order.paid' ? 500 : 204));
    const orderNo = await paidOrder(saga, required());
    await heard(shop, orderNo, 'order.paid');
    await report(saga, orderNo, 'rejected');
    await heard(shop, orderNo, 'refund.succeeded');
    shop.answer(204);
    const paid = (await saga.order(orderNo)).events.find(({ type }) => type === 'order.paid');
    expect(paid).toMatchObject({ deliveredAt: null });
    const workflow = saga.services.temporal.client.workflow.getHandle(`event/${paid?.id ?? ''}`);
    await workflow.result();
    expect(shop.of(orderNo).filter(({ type }) => type === 'order.paid')).toHaveLength(1);
  });
});

/* A server for each: one that has skipped far ahead does not serve another order well. */
describe.skipIf(skippingServer === undefined)('the time to deliver', () => {
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

  it('over: the money goes back', async () => {
    const orderNo = await paidOrder(saga, required());
    await saga.pass(3_500);
    expect(await saga.order(orderNo)).toMatchObject({ fulfilment: 'pending', refunds: [] });
    await saga.pass(200);
    const order = await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
    expect(order).toMatchObject({ fulfilment: 'overdue', stuckReason: null });
    expect(order.refunds).toMatchObject([{ cause: 'fulfilment_overdue' }]);
    await heard(shop, orderNo, 'order.compensating');
    expect((await report(saga, orderNo, 'fulfilled')).body).toMatchObject({ code: 'fulfilment_final' });
  });

  it.each([
    ['accept', 'fulfilled', 0],
    ['return', 'overdue', 1200],
  ] as const)('over, and a person decides: %s', async (action, fulfilment, refundedFen) => {
    const orderNo = await paidOrder(saga, required('review'));
    await saga.pass(3_700);
    const late = await saga.orderWhen(orderNo, (order) => order.fulfilment === 'overdue');
    expect(late).toMatchObject({ state: 'paid', stuckReason: 'review', refunds: [] });
    expect((await resolve(saga, orderNo, action)).body).toMatchObject({ state: 'paid', fulfilment, stuckReason: null });
    await saga.pass(300);
    await saga.orderWhen(orderNo, (order) => order.refundedFen === refundedFen);
    await saga.workflow(orderNo).result();
  });

  it('begins when the shop was told, however long that takes', async () => {
    shop.answer(({ type }) => (type === 'order.paid' ? 503 : 204));
    const orderNo = await paidOrder(saga, required('refund', DAY));
    // Tries after 5 s, 5 min, 30 min, 2 h: the shop listens again before the last of these.
    await saga.pass(2 * 3_600);
    expect(await saga.order(orderNo)).toMatchObject({ fulfilment: 'pending', refunds: [], stuckReason: null });
    shop.answer(204);
    await until('the shop told', async () => {
      await saga.pass(900);
      const { events } = await saga.order(orderNo);
      return events.some(({ type, deliveredAt }) => type === 'order.paid' && deliveredAt !== null);
    });
    // To its end and no further: once an order has ended beside a call under way, the server lets no more time pass.
    const [told] = (await saga.order(orderNo)).events;
    const endsAtMs = Date.parse(told?.deliveredAt ?? '') + DAY * 1_000;
    await saga.pass(Math.max(0, endsAtMs - (await saga.nowMs())) / 1_000 + 1);
    const order = await saga.orderWhen(orderNo, ({ refunds }) => refunds.some(({ state }) => state !== 'requested'));
    expect(order.fulfilment).toBe('overdue');
    // By the history: on a busy machine more time passes than the server is asked to let pass.
    const history = await eventsOf(saga.workflow(orderNo));
    const overAt = history.findLastIndex((event) => event.timerFiredEventAttributes != null);
    expect(tsToMs(history[overAt]?.eventTime)).toBeGreaterThanOrEqual(endsAtMs);
    const backAt = history.findIndex(
      ({ startChildWorkflowExecutionInitiatedEventAttributes: child }) => child?.workflowType?.name === 'refund',
    );
    expect(backAt).toBeGreaterThan(overAt);
    const ids = shop.of(orderNo).filter(({ type }) => type === 'order.paid');
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(1);
  });

  it('never begins for a shop that cannot be told, and no money goes back for it', async () => {
    shop.answer(({ type }) => (type === 'order.paid' ? 500 : 204));
    const orderNo = await paidOrder(saga, required());
    await saga.pass(5 * 24 * 3_600);
    const order = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'shop_unreachable');
    expect(order).toMatchObject({ state: 'paid', fulfilment: 'pending', refunds: [], refundedFen: 0 });
    expect(order.events[0]?.deliveries).toHaveLength(10);
    expect(order.explain).toMatchObject({ waitingFor: 'shop_told', actor: 'shop' });
    // Sent again by a person, once the shop listens: its time begins now.
    shop.answer(204);
    const { id } = order.events[0] ?? { id: '' };
    const resent = await saga.call(
      'POST',
      `/v1/events/${id}/resend?mchid=${saga.mchid}`,
      { reason: 'it listens' },
      saga.operatorKey,
    );
    expect(resent.status).toBe(200);
    await saga.orderWhen(
      orderNo,
      ({ stuckReason, explain }) => stuckReason === null && explain.waitingFor === 'fulfilment',
    );
    await saga.pass(3_700);
    await saga.orderWhen(orderNo, ({ refunds }) => refunds.length === 1);
  });
});

describe.skipIf(skippingServer === undefined)('a shop without an endpoint', () => {
  let saga: TimeSkippingSaga;
  beforeEach(async () => {
    saga = await startTimeSkippingSaga();
  });
  afterEach(() => saga.stop());

  it('may say what became of its goods', async () => {
    const orderNo = await paidOrder(saga, required());
    expect((await report(saga, orderNo, 'fulfilled')).body).toMatchObject({ fulfilment: 'fulfilled' });
    await saga.workflow(orderNo).result();
  });

  it('whose time is over is shown to a person, whatever its policy says', async () => {
    const orderNo = await paidOrder(saga, required('refund'));
    await saga.pass(3_700);
    const order = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'shop_unreachable');
    expect(order).toMatchObject({ state: 'paid', fulfilment: 'overdue', refunds: [] });
    expect((await resolve(saga, orderNo, 'return')).body).toMatchObject({ stuckReason: null });
    await saga.pass(300);
    await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
  });
});
