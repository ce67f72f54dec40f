import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createSweep } from '../../activities/sweeper.js';
import { insertOrder } from '../../src/orders/store/order.js';
import { isSweepMissed, recordSweep, withSweepLock } from '../../src/sweep/store/sweeps.js';
import type { OrderNo } from '../../src/base/ids.js';
import { cacheFolder } from '../../src/embedded/cache.js';
import { startTemporal, type TemporalServer } from '../../src/embedded/temporal.js';
import { keepSweeping } from '../../src/entries/sweeping.js';
import { newOrder } from '../db/fixtures.js';
import { startSaga, type Saga, useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const ending: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const it of ending.splice(0).reverse()) await it.stop();
});

const OPTIONS = { env: process.env, cacheDir: cacheFolder(process.env), ui: false, onProgress: () => undefined };

async function ownTemporal(options: { port?: number; namespace?: string } = {}): Promise<TemporalServer> {
  const server = await startTemporal({ ...OPTIONS, ...options });
  ending.unshift(server);
  return server;
}

function keep(saga: Saga): void {
  const { connection, queues, temporal } = saga.services;
  const sweep = createSweep({ ...saga.services, db: connection.db });
  const log = pino({ level: 'silent' });
  ending.push(keepSweeping({ client: temporal.client, connection, taskQueue: queues.order, sweep, log }, 500));
}

const noSweepFor = async ({ services }: Saga, minutes: number): Promise<void> => {
  await recordSweep(services.connection.db, 'schedule');
  await services.connection.sql`update sweeps set finished_at = finished_at - make_interval(mins => ${minutes})`;
};

const lastBy = async ({ services }: Saga) =>
  (await services.connection.sql<{ by: string }[]>`select by from sweeps`)[0]?.by;

describe('a store of Temporal that is lost under running workers', () => {
  it('takes no order with it: those past their deadline are started again, and the schedule is made anew', async () => {
    const temporal = await ownTemporal();
    const saga = await startSaga({ temporal });
    ending.push(saga);
    const { orderNo } = await saga.createOrder();
    await temporal.kill();
    await ownTemporal({ port: Number(temporal.address.split(':')[1]), namespace: temporal.namespace });
    const { sql } = saga.services.connection;
    await sql`update orders set expires_at = now() - interval '10 minutes'`;
    await noSweepFor(saga, 4);
    keep(saga);
    // Looked for from now on: once the schedule is there again, its own sweep follows at the next minute.
    const sweptByWorker = until('a sweep by a worker', async () => (await lastBy(saga)) === 'worker');
    await saga.orderWhen(orderNo, ({ closedReason }) => closedReason === 'expired');
    await sweptByWorker;
    const schedule = saga.services.temporal.client.schedule.getHandle(`sweeper/${saga.services.queues.order}`);
    expect((await schedule.describe()).policies.overlap).toBe('SKIP');
  });
});

describe('a worker that starts while Temporal is there and its namespace is not', () => {
  it('waits for it, and then works', async () => {
    const temporal = await ownTemporal({ namespace: 'another' });
    const saga = await startSaga({ workers: false, temporal: { address: temporal.address, namespace: 'later' } });
    ending.push(saga);
    const started = saga.startWorkers();
    expect(await Promise.race([started.then(() => 'started'), pause(2_000, 'waits')])).toBe('waits');
    await startTemporal({ ...OPTIONS, address: temporal.address, namespace: 'later' });
    await started;
    const { orderNo } = await saga.createOrder();
    await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
  });
});

describe('sweeps', () => {
  const saga = useSaga({ workers: false });

  /** As a crash between the row and the workflow leaves it. */
  async function abandonedOrder(): Promise<OrderNo> {
    const orderNo = saga.newOrderNo();
    const createdAt = new Date(Date.now() - 2 * 60_000);
    await insertOrder(saga.services.connection.db, newOrder({ mchid: saga.mchid, orderNo, createdAt }));
    return orderNo;
  }

  const isStarted = (orderNo: OrderNo) => () =>
    saga
      .workflow(orderNo)
      .describe()
      .then(
        () => true,
        () => false,
      );

  it('come from a worker where the one of the schedule never ends', async () => {
    const { client } = saga.services.temporal;
    const orderNo = await abandonedOrder();
    await noSweepFor(saga, 4);
    keep(saga);
    await until('a sweep', isStarted(orderNo));
    // No worker takes what the schedule starts: it runs on, and by its policy no other is started.
    const id = `sweeper/${saga.services.queues.order}`;
    await client.schedule.getHandle(id).trigger();
    const another = await abandonedOrder();
    await noSweepFor(saga, 4);
    await until('another sweep', isStarted(another));
    await client.schedule.getHandle(id).delete();
  });

  it('are made up for only when none has ended for three minutes', async () => {
    const { db } = saga.services.connection;
    await noSweepFor(saga, 2);
    expect(await isSweepMissed(db)).toBe(false);
    await noSweepFor(saga, 4);
    expect(await isSweepMissed(db)).toBe(true);
  });

  it('of several workers are one at a time', async () => {
    const { db } = saga.services.connection;
    const inside = await withSweepLock(db, async () => {
      expect(await withSweepLock(db, () => Promise.reject(new Error('two at once')))).toBe('taken');
    });
    expect(inside).toBe('done');
    expect(await withSweepLock(db, () => Promise.resolve())).toBe('done');
  });

  it('leave what hangs behind, and what fails, and do the rest', async () => {
    const { services } = saga;
    await services.connection.sql`update orders set swept_at = null`;
    await abandonedOrder();
    const said: unknown[] = [];
    const never = new Promise<never>(() => undefined);
    const deps = { ...services, db: services.connection.db };
    const hanging = createSweep({ ...deps, orders: { ...services.orders, resume: () => never } }, 500);
    expect(await hanging((message) => said.push(message))).toMatchObject({ orders: 0, bulks: 0 });
    await services.connection.sql`update orders set swept_at = null`;
    const failing = { ...services.orders, resume: () => Promise.reject(new Error('no')) };
    await createSweep({ ...deps, orders: failing }, 5_000)((message, fields) => said.push([message, fields]));
    expect(said).toContainEqual(['not swept', { kind: 'orders', error: new Error('no') }]);
  });
});
