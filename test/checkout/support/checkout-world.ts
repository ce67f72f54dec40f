import { createAdaptorServer } from '@hono/node-server';
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { connect } from '../../../src/db/connection.js';
import type { OrderRecord } from '../../../src/orders/rules/record.js';
import type { Gateway } from '../../../src/channels/port.js';
import type { PageMerchant } from '../../../src/checkout/access.js';
import { checkoutRoutes } from '../../../src/checkout/routes.js';
import { checkoutUrl } from '../../../src/checkout/link.js';
import { openOrderChanges } from '../../../src/orders/api/order-changes.js';
import type { OrderWorkflows } from '../../../src/orders/client.js';
import { testDatabase } from '../../support/services.js';

const PUBLIC_URL = 'https://pay.example.com/paysaga/';

/** Checkout over real Postgres and its real change notices; the order workflows are played by the test. */
export async function createCheckoutWorld(options: { streamHeartbeatMs?: number } = {}) {
  const database = await testDatabase();
  const connection = connect(database.url);
  const changes = openOrderChanges(connection.sql);
  const checkoutKey = randomBytes(32);
  const stopping = new AbortController();
  const clock = { aheadMs: 0 };
  const openAttempt = vi.fn<OrderWorkflows['openAttempt']>(() => Promise.resolve('pending' as const));
  const sync = vi.fn<OrderWorkflows['sync']>(() => Promise.resolve('answered' as const));
  /** Of every order; a test may change it. */
  const merchant: { -readonly [F in keyof PageMerchant]: PageMerchant[F] } = {};
  const log = { warn: vi.fn(), error: vi.fn() };
  const invoke = vi.fn<Gateway['invoke']>(({ appid, prepayId }) => ({
    appId: appid,
    package: `prepay_id=${prepayId}`,
  }));
  const routes = checkoutRoutes({
    db: connection.db,
    orders: { openAttempt, sync },
    gateways: { for: () => ({ invoke }) as unknown as Gateway },
    changes,
    merchants: { of: () => merchant },
    checkoutKey,
    publicUrl: () => PUBLIC_URL,
    now: () => new Date(Date.now() + clock.aheadMs),
    log,
    stopping: stopping.signal,
    ...options,
  });
  return {
    connection,
    changes,
    checkoutKey,
    merchant,
    db: connection.db,
    routes,
    clock,
    openAttempt,
    sync,
    invoke,
    log,
    /** The path and query of this order's page. */
    pathOf: (order: OrderRecord) => checkoutUrl('', checkoutKey, order),
    urlOf: (order: OrderRecord) => checkoutUrl(PUBLIC_URL, checkoutKey, order),
    subPathOf: (order: OrderRecord, name: 'stream' | 'sync') =>
      checkoutUrl('', checkoutKey, order).replace('?', `/${name}?`),
    logoPathOf: (order: OrderRecord) => checkoutUrl('', checkoutKey, order).replace('?', '/logo?'),
    async close() {
      stopping.abort();
      await changes.close();
      await connection.close();
      await database.drop();
    },
  };
}

export type CheckoutWorld = Awaited<ReturnType<typeof createCheckoutWorld>>;

/** The same routes over a real socket, for a browser. */
export async function serveCheckout(
  world: CheckoutWorld,
): Promise<{ origin: string; cutLines(): void; close(): Promise<void> }> {
  const server = createAdaptorServer({ fetch: world.routes.fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    cutLines: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
