import { afterEach, expect, test, vi } from 'vitest';
import { listenForOrderChanges, type OrderChange, type Patience } from '../../src/orders/store/changes.js';
import type { OrderRef } from '../../src/orders/store/order.js';
import { DatabaseUnavailable } from '../../src/db/failure.js';
import { connect, withTransaction } from '../../src/db/connection.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { fileDatabase } from './database.js';
import { silenceableWire } from '../support/wire.js';
import { closed, LATER, MCHID, paid, projectionOf } from './fixtures.js';

const database = fileDatabase();
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close();
  // A session ends after its client has left: the next test must not take it for its own.
  await expect.poll(listening).toHaveLength(0);
});

async function listen(sql = database.connection.sql, patience?: Patience, followed: readonly OrderRef[] = []) {
  const changes: OrderChange[] = [];
  const onReconnect = vi.fn();
  const onChange = (change: OrderChange) => changes.push(change);
  const hears = { onChange, onReconnect, followed: () => followed };
  const listener = await listenForOrderChanges(sql, hears, patience);
  opened.push(listener);
  return { changes, onReconnect, listener };
}

const listening = () => database.connection.sql`
  select pid from pg_stat_activity where datname = current_database() and query ilike 'listen %'`;

test('every new version is heard, with its number, once it is committed', async () => {
  const { changes, onReconnect } = await listen();
  const { mchid, orderNo, ...order } = await database.place();

  await projectOrder(database.db, paid({ mchid, orderNo, ...order }), LATER);

  await expect.poll(() => changes).toEqual([{ mchid, orderNo, version: 2 }]);
  expect(onReconnect).not.toHaveBeenCalled();
});

test('what changes nothing, and what is rolled back, is not heard', async () => {
  const { changes } = await listen();
  const order = await database.place();
  const other = await database.place();

  await projectOrder(database.db, projectionOf(order), LATER);
  await withTransaction(database.db, async (tx) => {
    await projectOrder(tx, paid(order), LATER);
    throw new Error('rolled back');
  }).catch(() => undefined);
  await projectOrder(database.db, closed(other), LATER);

  await expect.poll(() => changes).toHaveLength(1);
  expect(changes).toMatchObject([{ orderNo: other.orderNo }]);
});

test('a lost connection is made again, said once, and hears what comes next', async () => {
  const { changes, onReconnect } = await listen();
  const order = await database.place();
  const [lost] = await listening();
  await database.connection.sql`select pg_terminate_backend(${lost?.['pid'] as number})`;

  await expect.poll(() => onReconnect.mock.calls.length).toBe(1);
  await projectOrder(database.db, paid(order), LATER);

  await expect.poll(() => changes).toMatchObject([{ orderNo: order.orderNo, version: 2 }]);
  await expect.poll(async () => (await listening()).map((row) => row['pid'] as number)).not.toContain(lost?.['pid']);
  expect(onReconnect).toHaveBeenCalledOnce();
});

test('a connection that is lost again and again is made again each time', async () => {
  const { onReconnect } = await listen();

  for (const times of [1, 2, 3]) {
    await database.connection.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen %'`;
    await expect.poll(() => onReconnect.mock.calls.length).toBe(times);
  }
});

test('a connection that went silent is given up and made again', async () => {
  const wire = await silenceableWire(database.url);
  const connection = connect(wire.url);
  const { changes, onReconnect } = await listen(connection.sql, { askEveryMs: 50, answerWithinMs: 5_000 });
  const order = await database.place();

  wire.silence();
  await expect.poll(() => onReconnect.mock.calls.length).toBe(1);
  await projectOrder(database.db, paid(order), LATER);

  await expect.poll(() => changes).toMatchObject([{ orderNo: order.orderNo, version: 2 }]);
  await connection.close();
  await wire.close();
});

test('what is followed is told with its version again and again, heard or not', async () => {
  const [followed, other] = [await database.place(), await database.place()];
  await database.connection.sql`alter table orders disable trigger all`;
  const patience = { askEveryMs: 50, answerWithinMs: 60_000 };
  const { changes } = await listen(database.connection.sql, patience, [followed]);

  await projectOrder(database.db, paid(other), LATER);
  await projectOrder(database.db, paid(followed), LATER);

  await expect.poll(() => changes).toContainEqual({ mchid: MCHID, orderNo: followed.orderNo, version: 2 });
  expect(changes.every(({ orderNo }) => orderNo === followed.orderNo)).toBe(true);
  await database.connection.sql`alter table orders enable trigger all`;
});

test('nothing is heard after closing, and nobody listens any more', async () => {
  const { changes, listener } = await listen();
  const other = await listen();
  await listener.close();
  const order = await database.place();

  await projectOrder(database.db, paid(order), LATER);

  await expect.poll(() => other.changes).toHaveLength(1);
  expect(changes).toEqual([]);
  await other.listener.close();
  await expect.poll(listening).toHaveLength(0);
});

test('a notification that is none of ours is passed over', async () => {
  const { changes } = await listen();
  const order = await database.place();
  for (const payload of ['', 'nonsense', '1900000001/order/x', `${order.mchid}/a b/1`]) {
    await database.connection.sql.notify('order_changed', payload);
  }

  await projectOrder(database.db, paid(order), LATER);

  await expect.poll(() => changes).toHaveLength(1);
  expect(changes).toMatchObject([{ orderNo: order.orderNo }]);
});

test('a server that is not there is reported, and no listening is left behind', async () => {
  const url = new URL(database.url);
  url.port = '1';
  const connection = connect(url.href);

  await expect(listen(connection.sql)).rejects.toThrow(DatabaseUnavailable);

  await connection.close();
});
