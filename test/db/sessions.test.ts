import { EventEmitter, once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect, ping, withTransaction, type Db } from '../../src/db/connection.js';
import { DatabaseUnavailable } from '../../src/db/failure.js';
import { migrate } from '../../src/db/migrate.js';
import { withSweepLock } from '../../src/sweep/store/sweeps.js';
import { emptyDatabase, onDatabase } from '../support/services.js';
import { until } from '../support/until.js';
import { silenceableWire } from '../support/wire.js';
import { fileDatabase } from './database.js';

const database = fileDatabase();
const ENDS = ['FIN', 'RST'] as const;
const MAX = 10;

let ways = 0;

/** A way to the database that can be cut, and whether so many of its sessions are busy for a long time. */
async function wired(max: number) {
  const wire = await silenceableWire(database.url);
  // What Postgres does for a client that is gone it does to the end.
  const applicationName = `wired ${(ways += 1)}`;
  const { db, close } = connect(wire.url, { max, applicationName });
  onTestFinished(async () => {
    await close();
    await wire.close();
  });
  const isBusy = async (count: number): Promise<boolean> => {
    const busy = await database.connection.sql`
      select from pg_stat_activity
      where application_name = ${applicationName} and state = 'active' and query like '%pg_sleep(60)%'`;
    return busy.length === count;
  };
  const isLocking = async (): Promise<boolean> => {
    const locks = await database.connection.sql`
      select from pg_stat_activity join pg_locks using (pid)
      where application_name = ${applicationName} and locktype = 'advisory' and granted`;
    return locks.length === 1;
  };
  return { wire, db, isBusy, isLocking };
}

/** So many statements at once, each with a session of its own. */
const allServe = async (db: Db): Promise<number> => {
  const rows = await Promise.all(
    Array.from({ length: MAX }, () => db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid, pg_sleep(0.2)`)),
  );
  return new Set(rows.map(([row]) => row?.pid)).size;
};

describe.each(ENDS)('sessions that are all ended at once by %s', (end) => {
  test.each([1, 3, MAX])('serve again, %i of them busy, whose callers ask again in the same moment', async (busy) => {
    const { wire, db, isBusy } = await wired(MAX);
    expect(await allServe(db)).toBe(MAX);
    const asking = Array.from({ length: busy }, async () => {
      await expect(db.execute(sql`select pg_sleep(60)`)).rejects.toThrow(DatabaseUnavailable);
      // Answered, or refused for a session that ends in the same moment.
      await ping(db).catch((error: unknown) => expect(error).toBeInstanceOf(DatabaseUnavailable));
    });
    await until('they are busy', () => isBusy(busy));

    wire.cut(end);

    await Promise.all(asking);
    // The end of each session is noticed for itself.
    await until('all are made anew', async () => (await allServe(db).catch(() => 0)) === MAX);
    for (let round = 0; round < 3; round += 1) expect(await allServe(db)).toBe(MAX);
  });

  test('the only one there may be answers whoever asks again in the same moment', async () => {
    const { wire, db, isBusy } = await wired(1);
    const asking = (async () => {
      await expect(db.execute(sql`select pg_sleep(60)`)).rejects.toThrow(DatabaseUnavailable);
      await ping(db).catch((error: unknown) => expect(error).toBeInstanceOf(DatabaseUnavailable));
    })();
    await until('it is busy', () => isBusy(1));

    wire.cut(end);

    await asking;
    for (let round = 0; round < 3; round += 1) await ping(db);
  });

  test('a transaction whose work goes on, and would ask again, fails without harm', async () => {
    const { wire, db, isBusy } = await wired(1);
    const lost = withTransaction(db, async (tx) => {
      await tx.execute(sql`select pg_sleep(60)`).catch(() => undefined);
      for (let again = 0; again < 3; again += 1) await tx.execute(sql`select 1`).catch(() => undefined);
      throw new Error('my own');
    });
    const failing = expect(lost).rejects.toThrow(DatabaseUnavailable);
    await until('it is busy', () => isBusy(1));

    wire.cut(end);

    await failing;
    await ping(db);
  });

  test('a sweep that was under way fails at once, and lets the next one begin', async () => {
    const { wire, db, isLocking } = await wired(2);
    let goOn = (): void => undefined;
    const sweeping = withSweepLock(db, () => new Promise((resolve) => (goOn = resolve)));
    const failing = expect(sweeping).rejects.toThrow(DatabaseUnavailable);
    await until('it sweeps', isLocking);
    expect(await withSweepLock(database.db, () => Promise.resolve())).toBe('taken');

    wire.cut(end);

    await failing;
    await until('it may', async () => (await withSweepLock(database.db, () => Promise.resolve())) === 'done');
    goOn();
    expect(await withSweepLock(db, () => Promise.resolve())).toBe('done');
  });
});

test('a sweep holds its lock however long its transaction stands idle', async () => {
  const { db, close } = connect(database.url, { max: 1, applicationName: 'sweeping' });
  onTestFinished(close);
  await db.execute(sql`set idle_in_transaction_session_timeout = '100ms'`);
  const isOverdue = async (): Promise<boolean | undefined> => {
    const [holder] = await database.connection.sql<{ isOverdue: boolean }[]>`
      select clock_timestamp() - state_change > interval '300 ms' as "isOverdue" from pg_stat_activity
      where application_name = 'sweeping' and state = 'idle in transaction'`;
    return holder?.isOverdue;
  };

  expect(
    await withSweepLock(db, async () => {
      await until('the limit is over', isOverdue);
    }),
  ).toBe('done');
});

test('a server that accepts every connection and closes it is unavailable within seconds', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { db, close } = connect(`postgres://nobody:x@127.0.0.1:${port}/none`);
  onTestFinished(async () => {
    await close();
    server.close();
  });

  await expect(ping(db)).rejects.toMatchObject({ code: 'database_unavailable', reason: 'CONNECT_TIMEOUT' });
});

test('a migration whose connection is lost, also while it waits for another, fails as unavailable and can be repeated', async () => {
  const empty = await emptyDatabase();
  onTestFinished(() => empty.drop());
  await onDatabase(empty.url, async (admin) => {
    await admin`select pg_advisory_lock(7292717)`;
    const migrating = expect(migrate(empty.url)).rejects.toThrow(DatabaseUnavailable);
    const waiting = () => admin<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = 'paysaga migrate' and wait_event = 'advisory'`;
    const pid = await until('it waits', async () => (await waiting())[0]?.pid);
    await admin`select pg_terminate_backend(${pid}, 10000)`;
    await migrating;
  });

  await migrate(empty.url);
});

test('what runs when all is closed is done, and whoever waits for a session or comes later is refused', async () => {
  const { db, close } = connect(database.url, { max: 1 });
  const signs = new EventEmitter();
  const [began, goOn] = [once(signs, 'began'), once(signs, 'goOn')];
  const running = withTransaction(db, async (tx) => {
    signs.emit('began');
    await goOn;
    return (await tx.execute(sql`select 1`)).length;
  });
  await began;
  const waiting = expect(ping(db)).rejects.toThrow(DatabaseUnavailable);

  const closing = close();

  await waiting;
  signs.emit('goOn');
  expect(await running).toBe(1);
  await closing;
  await expect(ping(db)).rejects.toThrow(DatabaseUnavailable);
});
