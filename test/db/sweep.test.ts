import { beforeEach, expect, test } from 'vitest';
import { listEvidence } from '../../src/db/evidence.js';
import { markInbox, receiveNotify, type VerifiedNotify } from '../../src/db/notify-inbox.js';
import { insertOrder, type NewOrder } from '../../src/db/order.js';
import { projectOrder } from '../../src/db/projection.js';
import { findCreating, findOverdue, findUnsignalled } from '../../src/db/sweep.js';
import { fileDatabase } from './database.js';
import { closed, CREATED_AT, LATER, newOrder, paid, projectionOf } from './fixtures.js';

const database = fileDatabase();

// Sweeps see every order there is.
beforeEach(
  () => database.connection.sql`truncate orders, attempts, evidence, notify_inbox, gateway_calls, operator_actions,
                                         refunds, merchant_events, deliveries`,
);

const aMinutePasses = () => database.connection.sql`
  with later as (update orders set swept_at = swept_at - interval '61 seconds')
  update notify_inbox set swept_at = swept_at - interval '61 seconds'`;

const numbers = (orders: readonly { orderNo: string }[]): string[] => orders.map((order) => order.orderNo).sort();

const notify = (order: NewOrder): VerifiedNotify => ({
  mchid: order.mchid,
  protocol: 'v3',
  kind: 'payment',
  key: `notify-of-${order.orderNo}`,
  outTradeNo: order.orderNo,
  serialNo: 'PUB_KEY_ID_1',
  rawBody: Buffer.from('{}'),
  headers: {},
  evidence: {
    transactionId: `4200-${order.orderNo}`,
    mchid: order.mchid,
    appid: order.appid,
    tradeType: 'NATIVE',
    totalFen: 1_200,
    currency: 'CNY',
  },
  receivedAt: CREATED_AT,
});

test('orders that were never sent are found once they are old enough, and once a minute', async () => {
  const old = await database.place();
  await database.place({ createdAt: LATER });
  const sent = await database.place();
  await projectOrder(database.db, projectionOf(sent, { state: 'awaitingPayment' }), LATER);

  expect(await findCreating(database.db, LATER, 10)).toEqual([{ mchid: old.mchid, orderNo: old.orderNo }]);
  expect(await findCreating(database.db, LATER, 10)).toEqual([]);
  await aMinutePasses();
  expect(numbers(await findCreating(database.db, LATER, 10))).toEqual([old.orderNo]);
});

test('what was swept longest ago comes first, so that nothing waits behind what nobody can help', async () => {
  const [first, second, third] = [await database.place(), await database.place(), await database.place()];

  expect(numbers(await findCreating(database.db, LATER, 2))).toEqual([first.orderNo, second.orderNo]);
  await aMinutePasses();
  expect(numbers(await findCreating(database.db, LATER, 1))).toEqual([third.orderNo]);
});

test('sweepers at once share the work', async () => {
  const placed: string[] = [];
  for (let index = 0; index < 40; index += 1) placed.push((await database.place()).orderNo);

  const found = await Promise.all(Array.from({ length: 4 }, () => findCreating(database.db, LATER, 10)));

  expect(found.flat()).toHaveLength(new Set(numbers(found.flat())).size);
  for (const batch of found) expect(batch.length).toBeLessThanOrEqual(10);
  const rest = await findCreating(database.db, LATER, 40);
  expect(numbers([...found.flat(), ...rest])).toEqual(placed.sort());
});

test('an order that is being written is left for the next sweep', async () => {
  const order = await database.place();

  await database.connection.sql.begin(async (sql) => {
    await sql`select from orders where order_no = ${order.orderNo} for no key update`;
    expect(await findCreating(database.db, LATER, 10)).toEqual([]);
  });

  expect(await findCreating(database.db, LATER, 10)).toHaveLength(1);
});

test('overdue orders are found in every state that is not final', async () => {
  const [creating, awaiting, review] = [await database.place(), await database.place(), await database.place()];
  await projectOrder(database.db, projectionOf(awaiting, { state: 'awaitingPayment' }), LATER);
  await projectOrder(database.db, projectionOf(review, { state: 'review', reviewReason: 'late_payment' }), LATER);
  await projectOrder(database.db, paid(await database.place()), LATER);
  await projectOrder(database.db, closed(await database.place()), LATER);
  await database.place({ expiresInSeconds: 604_800 });
  const afterDeadline = new Date(CREATED_AT.getTime() + 7_200_001);

  expect(numbers(await findOverdue(database.db, afterDeadline, 10))).toEqual(numbers([creating, awaiting, review]));
  expect(await findOverdue(database.db, afterDeadline, 10)).toEqual([]);
});

test('sweeping makes no new version', async () => {
  const order = await database.place();
  await findCreating(database.db, LATER, 10);

  const [row] = await database.connection.sql`select version from orders where order_no = ${order.orderNo}`;

  expect(row?.['version']).toBe(1);
});

test('verified notifies whose order was not told are found, those that are done are not', async () => {
  const order = newOrder();
  await insertOrder(database.db, order);
  const row = await receiveNotify(database.db, notify(order));
  const told = newOrder();
  await insertOrder(database.db, told);
  await markInbox(database.db, (await receiveNotify(database.db, notify(told))).id, 'signalled', LATER);

  expect(await findUnsignalled(database.db, CREATED_AT, 10)).toEqual([]);
  expect(await findUnsignalled(database.db, LATER, 10)).toEqual([row]);
  expect(await findUnsignalled(database.db, LATER, 10)).toEqual([]);
  await aMinutePasses();
  await markInbox(database.db, row.id, 'duplicate', LATER);
  expect(await findUnsignalled(database.db, LATER, 10)).toEqual([]);
});

test('a notify that came before its order is found once the order is there, verified and with its evidence', async () => {
  const order = newOrder();
  const early = await receiveNotify(database.db, notify(order));
  const foreign = await receiveNotify(database.db, notify(newOrder()));
  expect(await findUnsignalled(database.db, LATER, 10)).toEqual([]);
  await insertOrder(database.db, order);

  expect(await findUnsignalled(database.db, LATER, 10)).toEqual([
    { ...early, status: 'verified', orderNo: order.orderNo },
  ]);

  expect(await listEvidence(database.db, order)).toMatchObject([{ transactionId: `4200-${order.orderNo}` }]);
  expect(foreign.status).toBe('unmatched');
});

test('sweepers at once tell each notify once', async () => {
  for (let index = 0; index < 20; index += 1) {
    const order = newOrder();
    await insertOrder(database.db, order);
    await receiveNotify(database.db, notify(order));
  }

  const found = await Promise.all(Array.from({ length: 4 }, () => findUnsignalled(database.db, LATER, 20)));

  expect(found.flat()).toHaveLength(new Set(found.flat().map((row) => row.id)).size);
  const rest = await findUnsignalled(database.db, LATER, 20);
  expect(found.flat().length + rest.length).toBe(20);
});
