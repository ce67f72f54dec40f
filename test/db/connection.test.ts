import { inspect } from 'node:util';
import { createServer } from 'node:net';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { beginPrepay } from '../../src/orders/store/prepay.js';
import { connect, withTransaction, ping } from '../../src/db/connection.js';
import {
  guarded,
  DatabaseRefused,
  DatabaseUnavailable,
  isUnavailable,
  TransitionRefused,
} from '../../src/db/failure.js';
import { insertOrder, loadOrder } from '../../src/orders/store/order.js';
import { describeError } from '../../src/base/describe-error.js';
import { fileDatabase } from './database.js';
import { fen, LATER, MCHID, newOrder, outTradeNo } from './fixtures.js';

const database = fileDatabase();
const SECRET = 'oPayerWhoMustNotBeNamed';

async function errorOf(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

describe('a database that cannot serve', () => {
  test('is unavailable when nothing answers at its port', async () => {
    const url = new URL(database.url);
    url.port = '1';
    const { db, close } = connect(url.href);

    const error = await errorOf(ping(db));

    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ code: 'database_unavailable', reason: 'ECONNREFUSED' });
    expect(isUnavailable(error)).toBe(true);
    await close();
  });

  test('is unavailable within seconds when it accepts and stays silent', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('a port');
    const { db, sql: client, close } = connect(`postgres://nobody:x@127.0.0.1:${address.port}/none`);

    await expect(ping(db)).rejects.toMatchObject({ reason: 'CONNECT_TIMEOUT' });

    expect(client.options.connect_timeout).toBe(5);
    await close();
    silent.close();
  });

  test('is unavailable to a transaction whose connection is ended, and serves the next one', async () => {
    const cut = withTransaction(database.db, async (tx) => {
      const [own] = await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await database.connection.sql`select pg_terminate_backend(${own?.pid ?? 0})`;
      await tx.execute(sql`select 1`);
    });

    await expect(cut).rejects.toThrow(DatabaseUnavailable);

    await ping(database.db);
  });

  test('is unavailable when it has no connection left', async () => {
    const url = new URL(database.url);
    await database.connection.sql.unsafe(`alter database ${url.pathname.slice(1)} connection limit 0`);
    await database.connection.sql.unsafe(`drop role if exists poor`);
    await database.connection.sql.unsafe(`create role poor login password 'poor'`);
    url.username = 'poor';
    url.password = 'poor';
    const { db, close } = connect(url.href);

    await expect(ping(db)).rejects.toMatchObject({ code: 'database_unavailable', reason: '53300' });

    await close();
    await database.connection.sql.unsafe(`alter database ${url.pathname.slice(1)} connection limit -1`);
    await database.connection.sql.unsafe(`drop role poor`);
  });

  test('is unavailable to a statement that takes longer than it may', async () => {
    const { db, sql: client, close } = connect(database.url, { max: 1 });
    await client`set statement_timeout = 50`;

    await expect(guarded(() => db.execute(sql`select pg_sleep(60)`))).rejects.toMatchObject({ reason: '57014' });

    await close();
  });

  test.each([
    ['28P01', /password authentication failed for user "poorer"/, { username: 'poorer', password: SECRET }],
    ['3D000', /database "none" does not exist/, { pathname: '/none' }],
  ])(
    'is unavailable where Postgres refuses the session (%s), and says why, but no password',
    async (reason, said, change) => {
      const { db, close } = connect(Object.assign(new URL(database.url), change).href);

      const error = await errorOf(ping(db));

      expect(error).toMatchObject({
        code: 'database_unavailable',
        reason,
        said: expect.stringMatching(said) as unknown,
      });
      expect(describeError(error).message).toMatch(said);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
      expect(isUnavailable(error)).toBe(true);
      await close();
    },
  );

  test('is unavailable once this process has closed its connection', async () => {
    const { db, close } = connect(database.url);
    await ping(db);
    await close();

    await expect(ping(db)).rejects.toThrow(DatabaseUnavailable);
  });
});

describe('an error', () => {
  test('names the rule that was broken and nothing of the row', async () => {
    const order = newOrder({ openid: SECRET, description: SECRET, amountFen: fen(0) });

    const error = await errorOf(insertOrder(database.db, order));

    expect(error).toBeInstanceOf(DatabaseRefused);
    expect(error).toMatchObject({ code: 'database_refused', sqlState: '23514', constraint: 'orders_amount_fen_range' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
    expect(isUnavailable(error)).toBe(false);
    expect(await loadOrder(database.db, order)).toBeUndefined();
  });

  test('of an unavailable database names no parameter either', async () => {
    const url = new URL(database.url);
    url.port = '1';
    const { db, close } = connect(url.href);

    const error = await errorOf(beginPrepay(db, { mchid: MCHID, outTradeNo: outTradeNo(newOrder()) }, SECRET, LATER));

    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
    await close();
  });

  test('of a parameter that cannot be sent names no parameter either', async () => {
    const error = await errorOf(guarded(() => database.db.execute(sql`select ${new Date(LATER)}, ${SECRET}`)));

    expect(error).toMatchObject({ code: 'database_refused', sqlState: 'never_sent' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });

  test('of a trigger says which of its rules refused', async () => {
    const { orderNo } = await database.place();

    const error = await errorOf(
      guarded(() => database.connection.sql`update orders set version = 0 where order_no = ${orderNo}`),
    );

    expect(error).toBeInstanceOf(TransitionRefused);
    expect(error).toMatchObject({ code: 'transition_refused', rule: 'version' });
  });

  test('that is not the database’s passes unchanged, and the transaction is undone', async () => {
    const order = newOrder();
    const own = new Error('changed my mind');

    const error = await errorOf(
      withTransaction(database.db, async (tx) => {
        await insertOrder(tx, order);
        throw own;
      }),
    );

    expect(error).toBe(own);
    expect(await loadOrder(database.db, order)).toBeUndefined();
  });
});

test('a transaction within a transaction is undone alone', async () => {
  const [kept, undone] = [newOrder(), newOrder()];

  await withTransaction(database.db, async (tx) => {
    await insertOrder(tx, kept);
    await withTransaction(tx, async (inner) => {
      await insertOrder(inner, undone);
      throw new Error('only this');
    }).catch(() => undefined);
  });

  expect(await loadOrder(database.db, kept)).toBeDefined();
  expect(await loadOrder(database.db, undone)).toBeUndefined();
});

test('every statement is prepared, in transactions too', async () => {
  const { db, close } = connect(database.url, { max: 1, applicationName: 'prepares' });
  const order = newOrder();
  for (let times = 0; times < 3; times += 1) {
    await withTransaction(db, async (tx) => {
      await insertOrder(tx, order);
      await loadOrder(tx, order);
    });
  }

  const rows = await db.execute<{ statement: string }>(
    sql`select statement from pg_prepared_statements where statement like '%"orders"%' order by statement`,
  );

  const statements = rows.map((row) => row.statement);
  expect(statements.filter((statement) => statement.startsWith('with'))).toHaveLength(1);
  expect(statements.filter((statement) => statement.startsWith('select'))).toHaveLength(1);
  await close();
});

test('the connection says who it is, and limits what a statement may take', async () => {
  const { db, close } = connect(database.url, { applicationName: 'paysaga worker' });

  const [row] = await db.execute(
    sql`select current_setting('application_name') as name, current_setting('statement_timeout') as timeout,
      current_setting('idle_in_transaction_session_timeout') as idle`,
  );

  expect(row).toEqual({ name: 'paysaga worker', timeout: '5s', idle: '15s' });
  await close();
});
