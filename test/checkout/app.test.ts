import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import type { RefundWorkflows } from '../../src/refunds/client.js';
import type { EventWorkflows } from '../../src/shop-events/client.js';
import type { BulkWorkflows } from '../../src/bulk/client.js';
import type { ReconciliationWorkflows } from '../../src/reconciliation/client.js';
import type { OrderWorkflows } from '../../src/orders/client.js';
import { openCode, placeOrder } from './support/checkout-order.js';
import { createCheckoutWorld, type CheckoutWorld } from './support/checkout-world.js';

let world: CheckoutWorld;
const logged: string[] = [];
beforeAll(async () => {
  world = await createCheckoutWorld();
});
afterAll(() => world.close());

const createWholeApp = () =>
  createApp(
    {
      ...world,
      orders: { openAttempt: world.openAttempt, sync: world.sync } as unknown as OrderWorkflows,
      refunds: {} as RefundWorkflows,
      events: {} as EventWorkflows,
      bulks: {} as BulkWorkflows,
      reconciliations: {} as ReconciliationWorkflows,
      gateways: { for: vi.fn(), notifiesTo: vi.fn() },
      merchants: { of: () => undefined },
      tellTest: () => Promise.resolve(undefined),
      publicUrl: () => 'https://pay.example.com',
      log: pino({}, { write: (line: string) => void logged.push(line) }),
      now: () => new Date(),
      ready: () => Promise.resolve({}),
    },
    served,
  );

test('as part of the whole ingress the page keeps its own headers, and no log line holds its token', async () => {
  const app = createWholeApp();
  const order = await openCode(world.db, await placeOrder(world.db), { codeUrl: 'weixin://one' });
  const page = await app.request(world.pathOf(order));
  expect(page.status).toBe(200);
  expect(page.headers.get('Referrer-Policy')).toBe('strict-origin');
  expect(page.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
  const script = /src="(assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? '';
  expect((await app.request(`/pay/${script}`)).headers.get('Cache-Control')).toContain('immutable');
  const refused = await app.request(world.subPathOf(order, 'sync').slice(0, -2), { method: 'POST' });
  expect(await refused.json()).toMatchObject({
    status: 404,
    code: 'order_not_found',
    requestId: refused.headers.get('X-Request-Id'),
  });
  const token = new URL(world.urlOf(order)).searchParams.get('t') ?? '?';
  expect(logged.join('')).toContain(order.orderNo);
  expect(logged.join('')).not.toContain(token.slice(0, 20));
});
