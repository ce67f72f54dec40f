import { expect, test } from 'vitest';
import { withTransaction } from '../../src/db/connection.js';
import { listenForOrderChanges } from '../../src/orders/store/changes.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { lastEvent, positionOf, readEventLog, START } from '../../src/shop-events/store/log.js';
import { databaseOfEach } from './database.js';
import { closed, LATER, MCHID, mchid, paid } from './fixtures.js';

const database = databaseOfEach();
const OTHER = mchid('1900000077');

const read = (after = START, limit = 10, filter: object = {}) =>
  readEventLog(database.db, { mchid: MCHID, ...filter }, { after, limit });
const shown = async (...given: Parameters<typeof read>) => {
  const { events, ...rest } = await read(...given);
  return { ...rest, events: events.map(({ type, orderNo }) => `${orderNo ?? ''} ${type}`) };
};

/** Holds an order's event between its writing and its commit. */
async function writing() {
  const order = await database.place();
  let [written, end]: (() => void)[] = [];
  const isWritten = new Promise<void>((resolve) => (written = resolve));
  const mayEnd = new Promise<void>((resolve) => (end = resolve));
  let rollsBack = false;
  const ended = withTransaction(database.db, async (tx) => {
    await projectOrder(tx, paid(order), LATER);
    written?.();
    await mayEnd;
    if (rollsBack) throw new Error('rolled back');
  }).catch(() => undefined);
  await isWritten;
  return {
    order,
    commit: async () => (end?.(), await ended),
    rollBack: async () => {
      rollsBack = true;
      end?.();
      await ended;
    },
  };
}

async function told(kind: typeof paid | typeof closed = paid) {
  const order = await database.place();
  await projectOrder(database.db, kind(order), LATER);
  return order;
}

test('events are read in the order in which they were written, a page at a time', async () => {
  const [one, two, three] = [await told(), await told(closed), await told()];

  expect(await shown(START, 2)).toEqual({
    events: [`${one.orderNo} order.paid`, `${two.orderNo} order.closed`],
    hasMore: true,
    isHeld: false,
  });
  const { events } = await read(START, 2);
  expect(await shown(events[1]?.seq, 2)).toEqual({
    events: [`${three.orderNo} order.paid`],
    hasMore: false,
    isHeld: false,
  });
});

test('they are read by type and by order, and never those of another merchant', async () => {
  const [one, two] = [await told(), await told(closed)];
  const other = await database.place({ mchid: OTHER });
  await projectOrder(database.db, paid(other), LATER);

  expect((await shown(START, 10, { type: 'order.closed' })).events).toEqual([`${two.orderNo} order.closed`]);
  expect((await shown(START, 10, { orderNo: one.orderNo })).events).toEqual([`${one.orderNo} order.paid`]);
  expect((await shown(START, 10, { orderNo: one.orderNo, type: 'order.closed' })).events).toEqual([]);
  expect((await shown()).events).toHaveLength(2);
  const [theirs] = (await read(START, 10, { mchid: OTHER })).events;
  expect(await positionOf(database.db, MCHID, theirs?.id ?? '')).toBeUndefined();
  expect(await positionOf(database.db, OTHER, theirs?.id ?? '')).toBe(theirs?.seq);
  expect(await positionOf(database.db, MCHID, 'nonsense')).toBeUndefined();
});

test('one that was written later and committed earlier waits for the other, so that no reader passes it', async () => {
  const before = await told();
  const slow = await writing();
  const quick = await told();

  expect(await shown()).toEqual({ events: [`${before.orderNo} order.paid`], hasMore: false, isHeld: true });
  expect((await lastEvent(database.db, MCHID))?.id).toBe((await read()).events[0]?.id);
  await slow.commit();

  const orders = [before, slow.order, quick];
  expect((await shown()).events).toEqual(orders.map(({ orderNo }) => `${orderNo} order.paid`));
});

test('one that is rolled back holds nothing back any more', async () => {
  const slow = await writing();
  const quick = await told();
  expect((await shown()).isHeld).toBe(true);

  await slow.rollBack();

  expect(await shown()).toEqual({ events: [`${quick.orderNo} order.paid`], hasMore: false, isHeld: false });
});

test('whatever many writers do at once, who goes on after the last one reads each event once and in order', async () => {
  const orders = await Promise.all(Array.from({ length: 60 }, () => database.place()));
  const read1: string[] = [];
  let position = START;
  const look = async () => {
    const { events } = await read(position, 7);
    for (const event of events) read1.push(event.orderNo ?? '');
    position = events.at(-1)?.seq ?? position;
    return events.length;
  };
  const writing = { now: true };
  const writers = Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (writer) => {
      for (const order of orders.filter((_, n) => n % 6 === writer))
        await projectOrder(database.db, paid(order), LATER);
    }),
  ).then(() => (writing.now = false));
  while (writing.now) await look();
  await writers;
  while ((await look()) > 0);

  expect(read1).toHaveLength(60);
  expect(new Set(read1)).toEqual(new Set(orders.map(({ orderNo }) => orderNo)));
});

test('that a shop has something new to be told is heard once it is committed, with whose it is', async () => {
  const heard: string[] = [];
  const nothing = { onChange: () => undefined, onReconnect: () => undefined, followed: () => [] };
  const onEvent = (of: string) => void heard.push(of);
  const listener = await listenForOrderChanges(database.connection.sql, { ...nothing, onEvent });

  const slow = await writing();
  await slow.rollBack();
  const other = await database.place({ mchid: OTHER });
  await projectOrder(database.db, paid(other), LATER);

  await expect.poll(() => heard).toEqual([OTHER]);
  await listener.close();
});
