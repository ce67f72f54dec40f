import { expect, test } from 'vitest';
import { listEvidence } from '../../src/orders/store/evidence.js';
import { markInbox, receiveNotify, type VerifiedNotify, findUnsignalled } from '../../src/inbox/store/receive.js';
import { insertOrder, loadOrder, type NewOrder } from '../../src/orders/store/order.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { loadRefund } from '../../src/refunds/store/record.js';
import { claimRefundApply } from '../../src/refunds/store/apply.js';
import { findRequestedRefunds } from '../../src/refunds/store/sweep.js';
import { findUndeliveredEvents } from '../../src/shop-events/store/delivery.js';
import { findCreating, findLateOrders, findOverdue, findUndone, markStalled } from '../../src/orders/store/sweep.js';
import { databaseOfEach } from './database.js';
import { deliver, delivered, minutesLater } from './events.js';
import { closed, CREATED_AT, LATER, newOrder, paid, projectionOf } from './fixtures.js';
import { moved, paidOrder, reserved, succeeded } from './refunds.js';

// Sweeps see every order there is.
const database = databaseOfEach();

const aMinutePasses = () => database.connection.sql`
  with later as (update orders set swept_at = swept_at - interval '61 seconds'),
       refunds_too as (update refunds set swept_at = swept_at - interval '61 seconds'),
       events_too as (update merchant_events set swept_at = swept_at - interval '61 seconds')
  update notify_inbox set swept_at = swept_at - interval '61 seconds'`;

const numbers = (orders: readonly { orderNo: string }[]): string[] => orders.map((order) => order.orderNo).sort();

const notify = (order: NewOrder): VerifiedNotify => ({
  mchid: order.mchid,
  protocol: 'v3',
  kind: 'payment',
  eventType: 'TRANSACTION.SUCCESS',
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

test('final orders with something left to do are found once it is due', async () => {
  const [due, later, done] = [await paidOrder(database), await paidOrder(database), await paidOrder(database)];
  const dueAt = (at: Date | null) => ({ dueAtMs: at?.getTime() ?? null });
  await projectOrder(database.db, projectionOf(due, dueAt(LATER)), LATER);
  await projectOrder(database.db, projectionOf(later, dueAt(minutesLater(60))), LATER);
  await projectOrder(database.db, projectionOf(done, dueAt(LATER)), LATER);
  await projectOrder(database.db, projectionOf(done, dueAt(null)), LATER);

  expect(numbers(await findUndone(database.db, minutesLater(1), 10))).toEqual([due.orderNo]);
  expect(await findUndone(database.db, minutesLater(1), 10)).toEqual([]);
  await aMinutePasses();
  expect(numbers(await findUndone(database.db, minutesLater(61), 10))).toEqual(numbers([due, later]));
});

test('refunds that were never sent are found once they are old enough, and once a minute', async () => {
  const order = await paidOrder(database);
  const refund = await reserved(database.db, order);
  await claimRefundApply(database.db, refund, LATER);

  expect(await findRequestedRefunds(database.db, LATER, 10)).toEqual([]);
  expect(await findRequestedRefunds(database.db, minutesLater(1), 10)).toEqual([await loadRefund(database.db, refund)]);
  expect(await findRequestedRefunds(database.db, minutesLater(1), 10)).toEqual([]);
  await aMinutePasses();
  expect(await findRequestedRefunds(database.db, minutesLater(1), 10)).toHaveLength(1);
});

test('refunds under way are found once an hour, those that ended never', async () => {
  const order = await paidOrder(database);
  const now = new Date();
  const processing = await moved(database.db, await reserved(database.db, order), { state: 'processing' });
  const abnormal = await moved(database.db, await reserved(database.db, order), { state: 'abnormal' });
  const [other, third] = [await paidOrder(database), await paidOrder(database)];
  await moved(database.db, await reserved(database.db, other, { now }), { state: 'processing' });
  await moved(database.db, await reserved(database.db, third), succeeded());
  await moved(database.db, await reserved(database.db, third), { state: 'rejected' });
  const found = async () => (await findRequestedRefunds(database.db, now, 10)).map((it) => it.outRefundNo).sort();

  expect(await found()).toEqual([processing.outRefundNo, abnormal.outRefundNo].sort());
  await aMinutePasses();
  expect(await found()).toEqual([]);
  await database.connection.sql`update refunds set swept_at = swept_at - interval '1 hour' where state = 'abnormal'`;
  expect(await found()).toEqual([abnormal.outRefundNo]);
});

test('events are found once they should have been told, until they are', async () => {
  const order = await paidOrder(database);
  const { mchid, orderNo } = order;
  const [fresh] = await findUndeliveredEvents(database.db, minutesLater(1), 10);
  if (fresh === undefined) throw new Error('the event was never told');

  expect(fresh).toEqual({ id: fresh.id, mchid, orderNo });
  expect(await findUndeliveredEvents(database.db, minutesLater(1), 10)).toEqual([]);
  await aMinutePasses();
  await deliver(database.db, fresh.id, { then: { kind: 'again', nextAt: minutesLater(30) } });
  expect(await findUndeliveredEvents(database.db, minutesLater(30), 10)).toEqual([]);
  expect(await findUndeliveredEvents(database.db, minutesLater(31), 10)).toEqual([fresh]);
  await aMinutePasses();
  await deliver(database.db, fresh.id, { ...delivered, at: minutesLater(30) });
  expect(await findUndeliveredEvents(database.db, minutesLater(90), 10)).toEqual([]);
});

test('sweepers at once share the refunds and the events', async () => {
  for (let index = 0; index < 20; index += 1) await reserved(database.db, await paidOrder(database));

  const sweeps = Array.from({ length: 4 }, () => minutesLater(1));
  const refunds = await Promise.all(sweeps.map((before) => findRequestedRefunds(database.db, before, 10)));
  const events = await Promise.all(sweeps.map((before) => findUndeliveredEvents(database.db, before, 10)));
  const [restOfRefunds, restOfEvents] = [
    await findRequestedRefunds(database.db, minutesLater(1), 20),
    await findUndeliveredEvents(database.db, minutesLater(1), 20),
  ];

  expect(new Set([...refunds.flat(), ...restOfRefunds].map((it) => it.outRefundNo))).toHaveProperty('size', 20);
  expect(refunds.flat().length + restOfRefunds.length).toBe(20);
  expect(new Set([...events.flat(), ...restOfEvents].map((it) => it.id))).toHaveProperty('size', 20);
  expect(events.flat().length + restOfEvents.length).toBe(20);
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

test('what was written since its workflow was found failing proves that it goes on', async () => {
  const order = await database.place();
  await projectOrder(database.db, paid(order), LATER);
  await markStalled(database.db, order, true, LATER);
  expect(await loadOrder(database.db, order)).toMatchObject({ state: 'paid', stuckReason: null, stalledSince: null });

  const failing = await database.place();
  await markStalled(database.db, failing, true, LATER);
  expect(await loadOrder(database.db, failing)).toMatchObject({ stuckReason: 'stalled', stalledSince: LATER });
});

test('an order that shows as stalled is looked at again, whoever writes it, until its workflow is known to go on or to be over', async () => {
  const order = await paidOrder(database);
  const late = async (minutes: number) =>
    numbers(
      await findLateOrders(database.db, { dueBefore: minutesLater(minutes - 5), now: minutesLater(minutes) }, 10),
    );
  expect(await late(10_000)).toEqual([]);
  const { orderNo, version } = order;
  await markStalled(database.db, { ...order, version }, true, minutesLater(0));
  await moved(database.db, await reserved(database.db, order), succeeded());

  expect(await late(10_006)).toEqual([orderNo]);
  await markStalled(database.db, order, false, minutesLater(10_006));
  expect(await loadOrder(database.db, order)).toMatchObject({ stuckReason: null, stalledSince: null });
  expect(await late(20_000)).toEqual([]);
});
