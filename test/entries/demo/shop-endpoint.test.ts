import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startShopEndpoint, type ShopEndpoint } from '../../../src/entries/demo/shop-endpoint.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;

let endpoint: ShopEndpoint;
beforeEach(async () => {
  endpoint = await startShopEndpoint();
});
afterEach(() => endpoint.stop());

const bodyOf = (type: string, orderNo: string, version: number): string =>
  JSON.stringify({ type, timestamp: new Date().toISOString(), data: { order: { orderNo, version } } });

async function deliver(id: string, body: string, { secret = SECRET, sent = body } = {}): Promise<number> {
  const at = new Date();
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
  return (await fetch(endpoint.url, { method: 'POST', headers, body: sent })).status;
}

test('what PaySaga signed is heard, and all tries of one event are one', async () => {
  endpoint.trust(SECRET);
  const body = bodyOf('order.paid', 'order-1', 3);
  expect([await deliver('e1', body), await deliver('e1', body)]).toEqual([204, 204]);
  expect(endpoint.heard('order-1')).toEqual([
    { id: 'e1', type: 'order.paid', orderNo: 'order-1', version: 3, tries: 2 },
  ]);
  expect(endpoint.forged).toBe(0);
});

test('events that overtook each other are put in the order of their versions', async () => {
  endpoint.trust(SECRET);
  await deliver('e2', bodyOf('refund.succeeded', 'order-1', 7));
  await deliver('e1', bodyOf('order.compensating', 'order-1', 5));
  await deliver('e3', bodyOf('order.paid', 'order-2', 1));
  expect(endpoint.heard('order-1').map(({ type }) => type)).toEqual(['order.compensating', 'refund.succeeded']);
  expect(endpoint.heard()).toHaveLength(3);
});

test('what another secret signed, or was changed on its way, is refused and counted', async () => {
  endpoint.trust(SECRET);
  const body = bodyOf('order.paid', 'order-1', 1);
  expect(await deliver('e1', body, { secret: OTHER })).toBe(401);
  expect(await deliver('e1', body, { sent: body.replace('order-1', 'order-2') })).toBe(401);
  expect([endpoint.heard(), endpoint.forged]).toEqual([[], 2]);
});

test('of several merchants each is believed by its own secret', async () => {
  endpoint.trust(SECRET);
  endpoint.trust(OTHER);
  expect(await deliver('e1', bodyOf('order.paid', 'order-1', 1))).toBe(204);
  expect(await deliver('e2', bodyOf('order.paid', 'order-2', 1), { secret: OTHER })).toBe(204);
  expect(endpoint.forged).toBe(0);
});

test('before it knows the secret it believes nothing', async () => {
  expect(await deliver('e1', bodyOf('order.paid', 'order-1', 1))).toBe(401);
  expect(endpoint.heard()).toEqual([]);
});

test('a genuine delivery that is no event is refused', async () => {
  endpoint.trust(SECRET);
  expect(await deliver('e1', '{"type":"order.paid"}')).toBe(400);
  expect(endpoint.heard()).toEqual([]);
});

test('down for one order, once: the refused try counts, and is not heard', async () => {
  endpoint.trust(SECRET);
  endpoint.refuseOnce('order-1');
  const body = bodyOf('order.paid', 'order-1', 1);
  expect(await deliver('e2', bodyOf('order.paid', 'order-2', 1))).toBe(204);
  expect(await deliver('e1', body)).toBe(503);
  expect(endpoint.heard('order-1')).toEqual([]);
  expect(await deliver('e1', body)).toBe(204);
  expect(endpoint.heard('order-1').map(({ tries }) => tries)).toEqual([2]);
});

test('what it hears of a day is told apart from what it hears of orders, and each event is one', async () => {
  endpoint.trust(SECRET);
  const of = (type: string, data: object) => JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  const completed = of('reconciliation.completed', { reconciliation: { mchid: '1', date: '2026-03-01' } });
  const opened = of('discrepancy.opened', { discrepancy: { mchid: '1', date: '2026-02-28' } });
  const answers = [
    await deliver('e1', completed),
    await deliver('e1', completed),
    await deliver('e2', opened),
    await deliver('e3', completed, { secret: OTHER }),
  ];
  expect(answers).toEqual([204, 204, 204, 401]);
  expect(endpoint.heardOfDay({ mchid: '1', date: '2026-03-01' })).toEqual(['reconciliation.completed']);
  expect(endpoint.heardOfDay({ mchid: '1', date: '2026-02-28' })).toEqual(['discrepancy.opened']);
  expect(endpoint.heardOfDay({ mchid: '2', date: '2026-03-01' })).toEqual([]);
  expect(endpoint.heard()).toEqual([]);
});
