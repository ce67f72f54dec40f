import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { moveRefund, openCode, payOrder, placeOrder, refundOrder, reload } from './support/checkout-order.js';
import { createCheckoutWorld, type CheckoutWorld } from './support/checkout-world.js';
import { readEvents } from './support/read-events.js';

let world: CheckoutWorld;
beforeAll(async () => {
  world = await createCheckoutWorld({ streamHeartbeatMs: 40 });
});
afterAll(() => world.close());

const nativeOrder = async (code: Parameters<typeof openCode>[2] = {}) =>
  openCode(world.db, await placeOrder(world.db, { expiresInSeconds: 7200 }), { codeUrl: 'weixin://one', ...code });

async function follow(order: OrderRecord, from: CheckoutWorld = world) {
  const response = await from.routes.request(from.subPathOf(order, 'stream'));
  const events = readEvents(response);
  onTestFinished(() => events.cancel());
  return { response, events };
}

test('the state as it is comes first, with its version as id and only what the payer may see', async () => {
  const order = await nativeOrder();
  const { response, events } = await follow(order);
  expect(response.headers.get('Content-Type')).toContain('text/event-stream');
  const first = await events.next();
  expect(first).toMatchObject({ event: 'order', id: String(order.version) });
  expect(Object.keys(first?.data ?? {}).sort()).toEqual(
    ['codeSvg', 'expiresAt', 'h5Url', 'paidAt', 'serverNow', 'status', 'version'].sort(),
  );
  expect(first?.data).toMatchObject({ status: 'awaiting', expiresAt: order.expiresAt.toISOString(), paidAt: null });
});

test('a change of the row follows by itself', async () => {
  const order = await nativeOrder();
  const { events } = await follow(order);
  await events.next();
  const paidAt = new Date('2026-03-01T12:00:00Z');
  await payOrder(world.db, order, paidAt);
  const paid = await events.next();
  expect(paid?.data).toMatchObject({ status: 'paid', paidAt: paidAt.toISOString(), codeSvg: null });
  expect(Number(paid?.id)).toBeGreaterThan(order.version);
});

test('a paid order is followed on, and its refund is told', async () => {
  const order = await nativeOrder();
  await payOrder(world.db, order);
  const { events } = await follow(order);
  expect((await events.next())?.data).toMatchObject({ status: 'paid' });
  const refund = await refundOrder(world.db, order, 1200);
  expect((await events.next())?.data).toMatchObject({ status: 'refunding' });
  await moveRefund(world.db, refund, 'succeeded');
  expect((await events.next())?.data).toMatchObject({ status: 'refunded' });
});

test('heartbeats keep the line open, and a state that the clock changes is told without a change of the row', async () => {
  const order = await nativeOrder();
  const { events } = await follow(order);
  await events.next();
  await events.nextHeartbeat();
  onTestFinished(() => void (world.clock.aheadMs = 0));
  world.clock.aheadMs = 7_201_000;
  expect(await events.next()).toMatchObject({
    id: String(order.version),
    data: { status: 'confirming', codeSvg: null },
  });
});

test('a code that ends while the page is open is renewed and the new one is pushed', async () => {
  const expiring = await nativeOrder({ expiresAt: new Date(Date.now() + 30_000) });
  world.openAttempt.mockImplementationOnce(async () => {
    await openCode(world.db, expiring, { codeUrl: 'weixin://two', expiresAt: new Date(Date.now() + 7_000_000) });
    return 'opened';
  });
  const { events } = await follow(expiring);
  const first = await events.next();
  const second = await events.next();
  expect(second?.data['status']).toBe('awaiting');
  expect(second?.data['codeSvg']).not.toBe(first?.data['codeSvg']);
  expect((await reload(world.db, expiring)).attempts[0]?.codeUrl).toBe('weixin://two');
});

test('a twenty-first stream of one order is turned away, and a place is free again when one leaves', async () => {
  const order = await nativeOrder();
  const streams = [];
  for (let count = 0; count < 20; count += 1) streams.push(await follow(order));
  const refused = await world.routes.request(world.subPathOf(order, 'stream'));
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '15']);
  await streams[0]?.events.next();
  await streams[0]?.events.cancel();
  await expect.poll(async () => (await follow(order)).response.status).toBe(200);
});

test('a HEAD request opens no stream', async () => {
  const order = await nativeOrder();
  for (let count = 0; count < 25; count += 1) {
    const head = await world.routes.request(world.subPathOf(order, 'stream'), { method: 'HEAD' });
    expect(head.status).toBe(200);
  }
});

test('streams end when the process is asked to stop', async () => {
  const stopped = await createCheckoutWorld();
  const order = await openCode(stopped.db, await placeOrder(stopped.db), { codeUrl: 'weixin://one' });
  const { events } = await follow(order, stopped);
  await events.next();
  await stopped.close();
  expect(await events.next()).toBeUndefined();
});
