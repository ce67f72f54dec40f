import { describe, expect, test } from 'vitest';
import { loadEventToSend } from '../../src/shop-events/store/delivery.js';
import { listEvents, pendingEvents } from '../../src/shop-events/store/outbox.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { projectRefund } from '../../src/refunds/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import type { OrderProjection } from '../../src/orders/rules/projection.js';
import type { RefundRecord } from '../../src/refunds/rules/record.js';
import { readableOrder, refundAnswer } from '../../src/orders/rules/view.js';
import { fileDatabase } from './database.js';
import { deliver, delivered, exhausted, only } from './events.js';
import { closed, LATER, paid, projectionOf } from './fixtures.js';
import { moved, paidOrder, refundProjection, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();

const project = (projection: OrderProjection) => projectOrder(database.db, projection, LATER);
const typesOf = async (order: OrderRecord): Promise<string[]> =>
  (await listEvents(database.db, order)).map((event) => event.type);

async function bodyOf(id: string): Promise<unknown> {
  const event = await loadEventToSend(database.db, id);
  return JSON.parse(event?.body ?? 'null');
}

/** Paid, and the shop has to say whether it delivers. */
async function awaited(): Promise<{ order: OrderRecord; paidEvent: string }> {
  const placed = await database.place();
  const { record, events } = await project({ ...paid(placed), fulfilment: 'none' });
  const pending = await project(projectionOf(record, { fulfilment: 'pending' }));
  return { order: pending.record, paidEvent: only(events).id };
}

describe('what an order tells the shop', () => {
  test('is written with the change, as the order stands after it', async () => {
    const placed = await database.place();

    const { record, events } = await project(paid(placed));

    expect(events).toEqual([{ id: only(events).id, type: 'order.paid', tried: false }]);
    expect(record.paidEvent).toEqual({ status: 'pending', deliveredAt: null });
    expect(await standing(database.db, placed)).toEqual(record);
    expect(await bodyOf(only(events).id)).toEqual({
      type: 'order.paid',
      timestamp: LATER.toISOString(),
      data: { order: JSON.parse(JSON.stringify(readableOrder(record))) as unknown },
    });
    expect(record.version).toBe(placed.version + 1);
  });

  test('says that it is late when the shop had heard that the order is closed', async () => {
    const { record } = await project(closed(await database.place()));

    const { events } = await project(paid(record));

    expect(events.map((event) => event.type)).toEqual(['order.closed', 'order.paid']);
    expect(await bodyOf(events[1]?.id ?? '')).toMatchObject({ data: { late: true, order: { state: 'paid' } } });
    expect(await bodyOf(events[0]?.id ?? '')).not.toHaveProperty('data.late');
  });

  test('is said once by twenty equal projections at once, and all hear of it', async () => {
    const placed = await database.place();

    const answers = await Promise.all(Array.from({ length: 20 }, () => project(paid(placed))));

    expect(await typesOf(placed)).toEqual(['order.paid']);
    for (const answer of answers) expect(answer.events).toEqual(answers[0]?.events);
  });

  test('is still to tell for whoever projects the same again, and for whoever knew less', async () => {
    const placed = await database.place();
    const { record, events } = await project(paid(placed));

    const again = await project(paid(placed));
    const late = await project(projectionOf(placed, { state: 'awaitingPayment' }));

    expect(again).toMatchObject({ applied: true, events });
    expect(late).toMatchObject({ applied: false, events });
    expect(await pendingEvents(database.db, { ...record, outRefundNo: null })).toEqual(events);
  });

  test('has been tried once somebody tried it, and is nobody’s once it was delivered', async () => {
    const placed = await database.place();
    const event = only((await project(paid(placed))).events);

    await deliver(database.db, event.id);
    const tried = await project(paid(placed));
    await deliver(database.db, event.id, { ...delivered, at: new Date(LATER.getTime() + 1) });
    const told = await project(paid(placed));

    expect(tried.events).toEqual([{ ...event, tried: true }]);
    expect(told).toMatchObject({ events: [], record: { paidEvent: { status: 'delivered' } } });
  });

  test('is not said of what was refused, and not twice of what stays', async () => {
    const order = await paidOrder(database);
    await project(projectionOf(order, { state: 'review', reviewReason: 'late_payment' }));
    await project(projectionOf(order, { stuckReason: 'review' }));

    expect(await typesOf(order)).toEqual(['order.paid']);
  });
});

describe('when the goods will not come', () => {
  test('the shop hears it, and an untold order.paid is withdrawn', async () => {
    const { order, paidEvent } = await awaited();

    const { record, events } = await project(projectionOf(order, { fulfilment: 'rejected' }));

    expect(events.map((event) => event.type)).toEqual(['order.compensating']);
    expect(await loadEventToSend(database.db, paidEvent)).toMatchObject({ status: 'withdrawn', nextAt: null });
    expect(record.paidEvent).toEqual({ status: 'withdrawn', deliveredAt: null });
    expect(await standing(database.db, order)).toEqual(record);
  });

  test('an order.paid that nobody could tell is withdrawn too, and the shop counts as reachable again', async () => {
    const { order, paidEvent } = await awaited();
    await deliver(database.db, paidEvent, exhausted);
    const unreachable = await standing(database.db, order);

    const { record } = await project(projectionOf(order, { fulfilment: 'rejected' }));

    expect(unreachable).toMatchObject({ stuckReason: 'shop_unreachable', stuckSince: LATER });
    expect(record).toMatchObject({ stuckReason: null, stuckSince: null, paidEvent: { status: 'withdrawn' } });
  });

  test('an order.paid that was delivered stays delivered', async () => {
    const { order, paidEvent } = await awaited();
    await deliver(database.db, paidEvent, delivered);

    const { record } = await project(projectionOf(order, { fulfilment: 'rejected' }));

    expect(record.paidEvent).toEqual({ status: 'delivered', deliveredAt: LATER });
  });

  test('an overdue order that a person has to decide first says nothing yet', async () => {
    const { order, paidEvent } = await awaited();

    await project(projectionOf(order, { fulfilment: 'overdue', stuckReason: 'review' }));

    expect(await typesOf(order)).toEqual(['order.paid']);
    expect(await loadEventToSend(database.db, paidEvent)).toMatchObject({ status: 'pending' });
    await project(projectionOf(order, { fulfilment: 'overdue', stuckReason: null }));
    expect(await typesOf(order)).toEqual(['order.paid', 'order.compensating']);
  });
});

test('that the money goes back is said once, also when it was not said where it began', async () => {
  const { order } = await awaited();
  const { sql } = database.connection;
  await sql`update orders set fulfilment = 'overdue' where order_no = ${order.orderNo}`;
  const overdue = projectionOf(await standing(database.db, order));

  const { events } = await project(overdue);
  await project({ ...overdue, stuckReason: 'review' });
  const again = await project(overdue);

  expect(events.map((event) => event.type)).toEqual(['order.compensating']);
  expect(again.events).toEqual(events);
  expect(again.record.paidEvent).toMatchObject({ status: 'withdrawn' });
});

describe('what a refund tells the shop', () => {
  const projected = (refund: RefundRecord, change: Parameters<typeof moved>[2]) =>
    projectRefund(database.db, refundProjection(refund, change), LATER);

  test('is written with the change, of the refund and of its order after it', async () => {
    const order = await paidOrder(database);
    const refund = await reserved(database.db, order);

    const answer = await projected(refund, succeeded());

    const after = await standing(database.db, order);
    expect(answer.events).toEqual([{ id: only(answer.events).id, type: 'refund.succeeded', tried: false }]);
    expect(await bodyOf(only(answer.events).id)).toEqual({
      type: 'refund.succeeded',
      timestamp: LATER.toISOString(),
      data: {
        order: JSON.parse(JSON.stringify(readableOrder(after))) as unknown,
        refund: refundAnswer(answer.refund),
      },
    });
  });

  test('is its own, not its order’s or another refund’s', async () => {
    const order = await paidOrder(database);
    const [one, other] = [await reserved(database.db, order), await reserved(database.db, order)];
    const first = await projected(one, { state: 'rejected' });
    const second = await projected(other, { state: 'abnormal' });

    expect(first.events.map((event) => event.type)).toEqual(['refund.rejected']);
    expect(second.events.map((event) => event.type)).toEqual(['refund.abnormal']);
    expect((await project(paid(order))).events.map((event) => event.type)).toEqual(['order.paid']);
    expect(await pendingEvents(database.db, { ...order, outRefundNo: one.outRefundNo })).toEqual(first.events);
  });

  test('is said once by twenty equal projections at once', async () => {
    const order = await paidOrder(database);
    const refund = await reserved(database.db, order);

    const answers = await Promise.all(Array.from({ length: 20 }, () => projected(refund, succeeded())));

    expect(await typesOf(order)).toEqual(['order.paid', 'refund.succeeded']);
    for (const answer of answers) expect(answer.events).toEqual(answers[0]?.events);
  });

  test('is said again when it becomes abnormal again', async () => {
    const order = await paidOrder(database);
    const refund = await reserved(database.db, order);
    const abnormal = await moved(database.db, refund, { state: 'abnormal' });
    const again = await moved(database.db, abnormal, { state: 'processing' });

    const { events } = await projected(again, { state: 'abnormal' });

    expect(events.map((event) => event.type)).toEqual(['refund.abnormal', 'refund.abnormal']);
  });
});
