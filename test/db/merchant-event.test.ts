import { describe, expect, test } from 'vitest';
import { resendEvent, loadEventToSend } from '../../src/shop-events/store/delivery.js';
import { listEvents } from '../../src/shop-events/store/outbox.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { deliver, delivered, exhausted, minutesLater, only } from './events.js';
import { LATER, MCHID, mchid, paid, projectionOf } from './fixtures.js';
import { moved, paidOrder, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();
const NOBODY = '00000000-0000-4000-8000-000000000000';

async function paidEvent(): Promise<{ order: OrderRecord; id: string }> {
  const { record, events } = await projectOrder(database.db, paid(await database.place()), LATER);
  return { order: record, id: only(events).id };
}

async function rejected(order: OrderRecord): Promise<void> {
  const { record } = await projectOrder(database.db, projectionOf(order, { fulfilment: 'pending' }), LATER);
  await projectOrder(database.db, projectionOf(record, { fulfilment: 'rejected' }), LATER);
}

const stands = async (id: string) => {
  const event = await loadEventToSend(database.db, id);
  return event && { status: event.status, tries: event.tries, nextAt: event.nextAt };
};
const resend = (id: string, from = MCHID) => resendEvent(database.db, { mchid: from, id }, minutesLater(5));

describe('a delivery', () => {
  test('that failed is kept, and the event is tried again', async () => {
    const { order, id } = await paidEvent();

    await deliver(database.db, id);
    await deliver(database.db, id, { at: minutesLater(1), status: 0, outcome: 'timeout' });

    expect(await stands(id)).toEqual({ status: 'pending', tries: 2, nextAt: minutesLater(1) });
    expect(await standing(database.db, order)).toEqual(order);
    expect(await listEvents(database.db, order)).toEqual([
      {
        id,
        mchid: MCHID,
        orderNo: order.orderNo,
        outRefundNo: null,
        date: null,
        subject: null,
        type: 'order.paid',
        status: 'pending',
        tries: 2,
        createdAt: LATER,
        deliveredAt: null,
        nextAt: minutesLater(1),
        deliveries: [
          { at: LATER, status: 500, outcome: 'refused', durationMs: 13 },
          { at: minutesLater(1), status: 0, outcome: 'timeout', durationMs: 13 },
        ],
      },
    ]);
  });

  test('that succeeded ends it, and readers of the order see no difference', async () => {
    const { order, id } = await paidEvent();

    await deliver(database.db, id, delivered);

    expect(await stands(id)).toEqual({ status: 'delivered', tries: 1, nextAt: null });
    expect(await standing(database.db, order)).toEqual({
      ...order,
      paidEvent: { status: 'delivered', deliveredAt: LATER },
    });
  });

  test('that was the last one shows on the order, since then', async () => {
    const { order, id } = await paidEvent();

    await deliver(database.db, id, { ...exhausted, at: minutesLater(3) });

    expect(await standing(database.db, order)).toMatchObject({
      version: order.version + 1,
      stuckReason: 'shop_unreachable',
      stuckSince: minutesLater(3),
      ownStuckReason: null,
    });
  });

  test('of a refund’s event shows on its order too, behind what the order itself is stuck on', async () => {
    const { order } = await paidEvent();
    await moved(database.db, await reserved(database.db, order), succeeded());
    const [, ofRefund] = await listEvents(database.db, order);
    await projectOrder(database.db, projectionOf(order, { stuckReason: 'review' }), LATER);

    await deliver(database.db, ofRefund?.id ?? '', exhausted);
    const behind = await standing(database.db, order);
    await projectOrder(database.db, projectionOf(order, { stuckReason: null }), minutesLater(2));

    expect(behind).toMatchObject({ stuckReason: 'review', ownStuckReason: 'review', stuckSince: LATER });
    expect(await standing(database.db, order)).toMatchObject({
      stuckReason: 'shop_unreachable',
      stuckSince: minutesLater(2),
      ownStuckReason: null,
    });
  });

  test('is not made where the shop has no endpoint', async () => {
    const { order, id } = await paidEvent();

    await deliver(database.db, id, { then: { kind: 'unaddressed' }, status: 0, outcome: 'unaddressed' });

    expect(await stands(id)).toEqual({ status: 'unaddressed', tries: 0, nextAt: null });
    expect(await listEvents(database.db, order)).toMatchObject([{ deliveries: [] }]);
    expect((await standing(database.db, order)).stuckReason).toBeNull();
  });

  test('that is recorded twice counts once', async () => {
    const { order, id } = await paidEvent();

    await Promise.all([deliver(database.db, id), deliver(database.db, id)]);

    expect(await stands(id)).toMatchObject({ tries: 1 });
    expect(await listEvents(database.db, order)).toMatchObject([{ deliveries: [{ status: 500 }] }]);
  });

  test.each([
    ['again', { then: { kind: 'again', nextAt: minutesLater(9) } }],
    ['for the last time', exhausted],
    ['with nowhere to go', { then: { kind: 'unaddressed' } }],
  ] as const)('that failed %s never undoes one that succeeded', async (_what, late) => {
    const { order, id } = await paidEvent();
    await deliver(database.db, id, delivered);

    await deliver(database.db, id, { ...late, at: minutesLater(1) });
    const after = await stands(id);
    await deliver(database.db, id, { ...delivered, at: minutesLater(2) });

    expect(after).toMatchObject({ status: 'delivered', nextAt: null });
    expect(await standing(database.db, order)).toMatchObject({
      stuckReason: null,
      paidEvent: { deliveredAt: LATER },
    });
  });

  test('never undoes that an event was withdrawn; that the shop heard it all the same is kept', async () => {
    const { order, id } = await paidEvent();
    await rejected(order);

    await deliver(database.db, id, { at: minutesLater(1) });
    await deliver(database.db, id, { ...delivered, at: minutesLater(2) });

    expect(await stands(id)).toEqual({ status: 'withdrawn', tries: 2, nextAt: null });
    expect((await standing(database.db, order)).paidEvent).toEqual({
      status: 'withdrawn',
      deliveredAt: minutesLater(2),
    });
  });

  test('of an event that does not exist is a mistake', async () => {
    await expect(deliver(database.db, NOBODY)).rejects.toThrow(/does not exist/);
  });
});

describe('sending an event again', () => {
  test.each([
    ['that nobody could tell', exhausted],
    ['that has another try to come', {}],
    ['that had nowhere to go', { then: { kind: 'unaddressed' } }],
  ] as const)('begins the table of tries anew for one %s', async (_what, last) => {
    const { order, id } = await paidEvent();
    await deliver(database.db, id, last);

    expect(await resend(id)).toBe('resent');

    expect(await stands(id)).toEqual({ status: 'pending', tries: 0, nextAt: minutesLater(5) });
    expect((await standing(database.db, order)).stuckReason).toBeNull();
  });

  test('keeps when it was delivered first, and what is pending was tried', async () => {
    const { order, id } = await paidEvent();
    await deliver(database.db, id, delivered);

    await resend(id);
    const { events } = await projectOrder(database.db, paid(order), LATER);
    await deliver(database.db, id, { ...delivered, at: minutesLater(6) });

    expect(events).toEqual([{ id, type: 'order.paid', tried: true }]);
    expect(await listEvents(database.db, order)).toMatchObject([{ deliveredAt: LATER, deliveries: [{}, {}] }]);
  });

  test('is refused for one that is not true any more', async () => {
    const { order, id } = await paidEvent();
    await rejected(order);

    expect(await resend(id)).toBe('withdrawn');
    expect(await stands(id)).toMatchObject({ status: 'withdrawn' });
  });

  test('finds only events of the merchant', async () => {
    const { id } = await paidEvent();

    expect(await resend(id, mchid('1900000777'))).toBe('event_not_found');
    expect(await resend(NOBODY)).toBe('event_not_found');
    expect(await resend("' or 1=1")).toBe('event_not_found');
  });
});

test('what is no id names no event', async () => {
  expect(await loadEventToSend(database.db, NOBODY)).toBeUndefined();
  expect(await loadEventToSend(database.db, 'x')).toBeUndefined();
});

test('the events of an order and its refunds are listed in the order in which they happened', async () => {
  const order = await paidOrder(database);
  await moved(database.db, await reserved(database.db, order), succeeded());
  await paidOrder(database);

  const events = await listEvents(database.db, order);

  expect(events.map((event) => [event.type, event.outRefundNo === null])).toEqual([
    ['order.paid', true],
    ['refund.succeeded', false],
  ]);
});
