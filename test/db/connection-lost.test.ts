import { EventEmitter, once } from 'node:events';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { DatabaseUnavailable } from '../../src/db/failure.js';
import { connect, withTransaction, type Db, type Tx, ping } from '../../src/db/connection.js';
import { insertOrder, loadOrder } from '../../src/orders/store/order.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { fileDatabase } from './database.js';
import { LATER, newOrder, paid } from './fixtures.js';

const database = fileDatabase();

async function ownPid(tx: Tx): Promise<number> {
  const [own] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  return own?.pid ?? 0;
}

/** Resolves once the session is gone. */
async function terminate(pid: number): Promise<void> {
  await database.connection.sql`select pg_terminate_backend(${pid}, 10000)`;
}

/** A lost connection may fail one more call, which was not sent. */
async function serves(db: Db): Promise<void> {
  const answers = () =>
    ping(db).then(
      () => true,
      () => false,
    );
  await expect.poll(answers).toBe(true);
}

test('a transaction that goes on after its connection was lost fails, and sends nothing more', async () => {
  const { db, close } = connect(database.url, { max: 1 });
  const goOn = new EventEmitter();
  const [now, tried] = [once(goOn, 'now'), once(goOn, 'tried')];
  const transaction = withTransaction(db, async (tx) => {
    await terminate(await ownPid(tx));
    await now;
    await tx.execute(sql`select 1`).catch((error: unknown) => goOn.emit('tried', error));
  });

  await expect(transaction).rejects.toThrow(DatabaseUnavailable);
  goOn.emit('now');

  expect(await tried).toMatchObject([{ cause: { code: 'CONNECTION_CLOSED' } }]);
  await serves(db);
  await close();
});

test.each([
  ['succeeds', () => Promise.resolve()],
  ['fails for reasons of its own', () => Promise.reject(new Error('my own'))],
])('a transaction whose work %s after its connection was lost fails without harm', async (_what, work) => {
  const { db, close } = connect(database.url, { max: 1 });
  const goOn = new EventEmitter();
  const now = once(goOn, 'now');
  const transaction = withTransaction(db, async (tx) => {
    await terminate(await ownPid(tx));
    await now;
    await work();
  });

  await expect(transaction).rejects.toThrow(DatabaseUnavailable);
  goOn.emit('now');

  await serves(db);
  await close();
});

test('a statement under way, and a savepoint around it, fail when the connection is lost', async () => {
  const { db, close } = connect(database.url, { max: 1 });

  const transaction = withTransaction(db, async (tx) => {
    const pid = await ownPid(tx);
    await withTransaction(tx, async (inner) => {
      await Promise.all([inner.execute(sql`select pg_sleep(60)`), terminate(pid)]);
    });
  });

  await expect(transaction).rejects.toThrow(DatabaseUnavailable);
  await serves(db);
  await close();
});

test('whatever Postgres ends, and whenever, each call fails or holds, and afterwards all connections serve', async () => {
  const { db, close } = connect(database.url, { max: 8, applicationName: 'victim' });
  let isOver = false;
  const outcomes: ('held' | 'failed')[] = [];
  const workers = Array.from({ length: 16 }, async () => {
    while (!isOver) outcomes.push(await placeAndPay(db));
  });

  for (let kills = 0; kills < 25; kills += 1) {
    const before = outcomes.length;
    await database.connection.sql`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`;
    await expect.poll(() => outcomes.length, { interval: 1 }).toBeGreaterThan(before + 20);
  }
  isOver = true;
  await Promise.all(workers);

  expect(outcomes).toContain('failed');
  await expect.poll(() => sessionsAtOnce(db, 8)).toBe(8);
  await close();
});

/** How many sessions so many calls at once get, each held until all have theirs; fewer when one fails. */
async function sessionsAtOnce(db: Db, calls: number): Promise<number> {
  const crowd = new EventEmitter().setMaxListeners(calls);
  let missing = calls;
  const arrive = () => (missing -= 1) === 0 && crowd.emit('complete');
  const pids = await Promise.allSettled(
    Array.from({ length: calls }, async () => {
      const complete = once(crowd, 'complete');
      const session = withTransaction(db, async (tx) => {
        const pid = await ownPid(tx);
        arrive();
        await complete;
        return pid;
      });
      session.catch(arrive);
      return session;
    }),
  );
  return new Set(pids.flatMap((pid) => (pid.status === 'fulfilled' ? [pid.value] : []))).size;
}

async function placeAndPay(db: Db): Promise<'held' | 'failed'> {
  const order = newOrder();
  try {
    const { record } = await insertOrder(db, order);
    const { applied } = await projectOrder(db, paid(record), LATER);
    expect(applied).toBe(true);
    expect(await loadOrder(database.db, order)).toMatchObject({ state: 'paid' });
    return 'held';
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return 'failed';
  }
}
