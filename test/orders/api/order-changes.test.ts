import { once } from 'node:events';
import { connect as connectSocket, createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { connect } from '../../../src/db/connection.js';
import { insertOrder } from '../../../src/orders/store/order.js';
import { parseMchid, parseOrderNo } from '../../../src/base/ids.js';
import { openOrderChanges } from '../../../src/orders/api/order-changes.js';
import { newOrder } from '../../db/fixtures.js';
import { testDatabase } from '../../support/services.js';

const ref = { mchid: parsed(parseMchid('1900000001')), orderNo: parsed(parseOrderNo('A-100001')) };

describe('order changes opened before Postgres is there', () => {
  const log = { warn: vi.fn() };
  afterEach(() => log.warn.mockReset());

  it('are heard once it is, and whoever waited is told to look', async () => {
    const database = await testDatabase();
    onTestFinished(() => database.drop());
    const door = await closedDoor(database.url);
    const connection = connect(door.url);
    const changes = openOrderChanges(connection.sql, log);
    onTestFinished(async () => {
      await changes.close();
      await connection.close();
      await door.close();
    });
    const listener = vi.fn();
    changes.subscribe(ref, listener);
    await expect.poll(() => log.warn.mock.calls.length).toBe(1);

    door.open();
    await expect.poll(() => listener.mock.calls.length).toBe(1);
    await connection.sql.notify('order_changed', `${ref.mchid}/${ref.orderNo}/2`);
    await expect.poll(() => listener.mock.calls.length).toBe(2);
    expect(log.warn).toHaveBeenCalledOnce();
  });

  it('close at once all the same', async () => {
    const connection = connect('postgres://nobody@127.0.0.1:1/nowhere');
    const changes = openOrderChanges(connection.sql, log);
    await expect.poll(() => log.warn.mock.calls.length).toBe(1);
    await changes.close();
    await connection.close();
  });
});

describe('order changes', () => {
  it('are heard by whoever follows that order, until they stop; by all after a lost connection', async () => {
    const database = await testDatabase();
    onTestFinished(() => database.drop());
    const connection = connect(database.url);
    const changes = openOrderChanges(connection.sql);
    onTestFinished(async () => {
      await changes.close();
      await connection.close();
    });
    const other = { ...ref, orderNo: parsed(parseOrderNo('A-100002')) };
    const [followers, gone, ofOther] = [[vi.fn(), vi.fn()], vi.fn(), vi.fn()];
    followers.forEach((follower) => changes.subscribe(ref, follower));
    changes.subscribe(other, ofOther);
    await expect.poll(() => ofOther.mock.calls.length).toBe(1);
    changes.subscribe(ref, gone)();

    await connection.sql.notify('order_changed', `${ref.mchid}/${ref.orderNo}/2`);
    for (const follower of followers) await expect.poll(() => follower.mock.calls.length).toBe(2);
    await connection.sql.notify('order_changed', `${other.mchid}/${other.orderNo}/2`);
    await expect.poll(() => ofOther.mock.calls.length).toBe(2);
    for (const follower of followers) expect(follower).toHaveBeenCalledTimes(2);
    expect(gone).not.toHaveBeenCalled();

    await connection.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query ilike 'listen%'`;
    for (const listener of [...followers, ofOther]) {
      await expect.poll(() => listener.mock.calls.length).toBe(3);
    }
  });
});

it('are looked up once more where one was not heard, and told only if there is something new', async () => {
  const database = await testDatabase();
  const connection = connect(database.url);
  const changes = openOrderChanges(connection.sql, undefined, { askEveryMs: 50, answerWithinMs: 60_000 });
  const [early, listener] = [vi.fn(), vi.fn()];
  changes.subscribe(ref, early);
  onTestFinished(async () => {
    await changes.close();
    await connection.close();
    await database.drop();
  });
  const order = newOrder();
  await insertOrder(connection.db, order);
  await expect.poll(() => early.mock.calls.length).toBe(1);
  changes.subscribe(order, listener);
  await expect.poll(() => listener.mock.calls.length).toBe(1);
  await connection.sql`alter table orders disable trigger all`;
  await connection.sql`update orders set version = 2`;
  await expect.poll(() => listener.mock.calls.length).toBe(2);
  expect(early).toHaveBeenCalledOnce();
});

/** An address that turns connections away until it is opened, and then leads to the database. Nobody else can get its port. */
async function closedDoor(databaseUrl: string) {
  const target = new URL(databaseUrl);
  let isOpen = false;
  const server = createServer((socket) => {
    if (!isOpen) {
      socket.resetAndDestroy();
      return;
    }
    const onward = connectSocket(Number(target.port), target.hostname);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => [socket, onward].forEach((each) => each.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    open: () => {
      isOpen = true;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function parsed<T>(result: { ok: true; value: T } | { ok: false; error: string }): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}
