import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TemporalUnavailable } from '../../src/temporal/call.js';
import { openCode, payOrder, placeOrder } from './support/checkout-order.js';
import { createCheckoutWorld, type CheckoutWorld } from './support/checkout-world.js';

let world: CheckoutWorld;
beforeAll(async () => {
  world = await createCheckoutWorld();
});
beforeEach(() => world.sync.mockReset().mockResolvedValue('answered'));
afterAll(() => world.close());

const nativeOrder = async () => openCode(world.db, await placeOrder(world.db), { codeUrl: 'weixin://one' });
const press = (path: string, accept = 'application/json') =>
  world.routes.request(path, { method: 'POST', headers: { Accept: accept } });

test('a press asks once about this order and answers what is known then', async () => {
  const order = await nativeOrder();
  world.sync.mockImplementationOnce(async () => {
    await payOrder(world.db, order);
    return 'answered';
  });
  const response = await press(world.subPathOf(order, 'sync'));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'paid', version: order.version + 1, codeSvg: null });
  expect(world.sync).toHaveBeenCalledExactlyOnceWith({ mchid: order.mchid, orderNo: order.orderNo });
});

test('an answer that takes too long is answered with the state as it stands', async () => {
  const order = await nativeOrder();
  world.sync.mockResolvedValueOnce('pending');
  expect(await (await press(world.subPathOf(order, 'sync'))).json()).toMatchObject({ status: 'awaiting' });
});

test('an order that is decided is not asked about again', async () => {
  const order = await nativeOrder();
  await payOrder(world.db, order);
  expect(await (await press(world.subPathOf(order, 'sync'))).json()).toMatchObject({ status: 'paid' });
  expect(world.sync).not.toHaveBeenCalled();
});

test('who presses all the time is asked to wait, politely and with a number', async () => {
  const order = await nativeOrder();
  const path = world.subPathOf(order, 'sync');
  for (let count = 0; count < 3; count += 1) expect((await press(path)).status).toBe(200);
  const refused = await press(path);
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '5']);
  expect(refused.headers.get('Content-Type')).toBe('application/problem+json');
  expect(await refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });
  expect(world.sync).toHaveBeenCalledTimes(3);
  expect((await press(world.subPathOf(await nativeOrder(), 'sync'))).status).toBe(200);
});

test('an unreachable Temporal is a 503, and the next press may try again', async () => {
  const order = await nativeOrder();
  world.sync.mockRejectedValueOnce(new TemporalUnavailable());
  const refused = await press(world.subPathOf(order, 'sync'));
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '5']);
  expect((await press(world.subPathOf(order, 'sync'))).status).toBe(200);
});

test('a bug is logged and said in fixed words', async () => {
  const order = await nativeOrder();
  world.sync.mockRejectedValueOnce(new Error('secret detail'));
  const broken = await press(world.subPathOf(order, 'sync'));
  expect(broken.status).toBe(500);
  expect(await broken.text()).not.toContain('secret detail');
  expect(world.log.error).toHaveBeenCalledOnce();
});

test('a form sent without a script comes back to the page, which says what came of it', async () => {
  const order = await nativeOrder();
  const path = `${world.subPathOf(order, 'sync')}&lang=en`;
  const back = await press(path, 'text/html,*/*;q=0.8');
  expect(back.status).toBe(303);
  const page = new URL(back.headers.get('Location') ?? '', `https://pay.example.com${path}`);
  expect(page.pathname).toBe(`/pay/${order.orderNo}`);
  const html = await (await world.routes.request(page.pathname + page.search)).text();
  expect(html).toContain('We have not seen this payment yet');
  expect(html).toContain('<html lang="en">');
});

test('a forged token presses nothing, with or without a script', async () => {
  const order = await nativeOrder();
  const path = world.subPathOf(order, 'sync').slice(0, -3);
  expect((await press(path)).status).toBe(404);
  const page = await press(path, 'text/html');
  expect(page.status).toBe(404);
  expect(await page.text()).toMatch(/href="\.\.\/assets\/checkout-/);
  expect(world.sync).not.toHaveBeenCalled();
});
