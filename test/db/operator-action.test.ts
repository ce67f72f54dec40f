import { describe, expect, test } from 'vitest';
import { guarded } from '../../src/db/failure.js';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../../src/actions/store/action.js';
import { listEvents } from '../../src/shop-events/store/outbox.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { until } from '../support/until.js';
import { fileDatabase } from './database.js';
import { deliver, delivered } from './events.js';
import { closed, LATER, orderNo } from './fixtures.js';
import { moved, paidOrder, reserved, succeeded } from './refunds.js';

const database = fileDatabase();

const request = (order: OrderRecord, change: Partial<OperatorRequest> = {}): OperatorRequest => ({
  mchid: order.mchid,
  orderNo: order.orderNo,
  action: 'extend',
  parameters: { until: '2026-03-02T00:00:00.000Z', why: { a: 1, b: 2 } },
  reason: 'the payer called',
  actor: 'Li Lei',
  at: LATER,
  ...change,
});

const open = (it: OperatorRequest) => openOperatorAction(database.db, it);

async function rowOf(id: string) {
  const [row] = await database.connection.sql`select * from operator_actions where id = ${id}`;
  return row;
}

test('the same request joins the one that is open, whoever asks', async () => {
  const order = await database.place();
  const first = await open(request(order));

  const parameters = { why: { b: 2, a: 1 }, until: '2026-03-02T00:00:00.000Z' };
  const again = await open(request(order, { parameters, actor: 'Han Meimei', reason: 'me too' }));

  expect([first.isRepeat, again]).toEqual([false, { id: first.id, isRepeat: true }]);
  expect(await rowOf(first.id)).toMatchObject({ actor: 'Li Lei', reason: 'the payer called', outcome: null });
});

test('who else asks for what is under way is kept with their own reason, and who merely repeats it is not', async () => {
  const order = await database.place();
  const { id } = await open(request(order));

  await open(request(order));
  await open(request(order, { actor: 'Han Meimei', reason: 'me too' }));
  await open(request(order, { reason: 'she called again' }));

  const rows = await database.connection.sql`
    select actor, reason, outcome, before = after as unmoved from operator_actions
    where order_no = ${order.orderNo} and id <> ${id} order by actor`;
  expect(rows).toEqual([
    { actor: 'Han Meimei', reason: 'me too', outcome: 'joined', unmoved: true },
    { actor: 'Li Lei', reason: 'she called again', outcome: 'joined', unmoved: true },
  ]);
});

test('equal requests at once are one', async () => {
  const order = await database.place();

  const answers = await Promise.all(Array.from({ length: 30 }, () => open(request(order))));

  expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
});

test('another action is open beside it', async () => {
  const order = await database.place();
  const extend = await open(request(order));

  expect((await open(request(order, { action: 'close', parameters: {} }))).id).not.toBe(extend.id);
  expect((await open(request(order))).id).toBe(extend.id);
});

test('the same action about another refund or event is open beside it', async () => {
  const order = await paidOrder(database);
  const [one, other] = [await reserved(database.db, order), await reserved(database.db, order)];
  const [event] = await listEvents(database.db, order);
  const about = (target: Partial<OperatorRequest>) => open(request(order, { action: 'paidOffline', ...target }));

  const first = await about({ outRefundNo: one.outRefundNo });
  const ids = [
    first.id,
    (await about({ outRefundNo: other.outRefundNo })).id,
    (await about({ eventId: event?.id ?? '' })).id,
    (await about({})).id,
  ];

  expect(new Set(ids).size).toBe(4);
  expect((await about({ outRefundNo: one.outRefundNo })).id).toBe(first.id);
  expect(await rowOf(first.id)).toMatchObject({ out_refund_no: one.outRefundNo, event_id: null, outcome: null });
});

test('a request with other parameters takes the place of the open one', async () => {
  const order = await database.place();
  const first = await open(request(order));

  const second = await open(request(order, { parameters: { until: '2026-03-03T00:00:00.000Z' } }));

  expect(second.id).not.toBe(first.id);
  expect(await rowOf(first.id)).toMatchObject({ outcome: 'superseded', finished_at: expect.anything() as unknown });
  expect(await rowOf(second.id)).toMatchObject({ outcome: null });
});

test('after an outcome the same request is a new one, and the first outcome stays', async () => {
  const order = await database.place();
  const first = await open(request(order));
  await finishOperatorAction(database.db, first.id, 'extended', LATER);
  await finishOperatorAction(database.db, first.id, 'not_open', LATER);
  await finishOperatorAction(database.db, 'not-an-id', 'not_open', LATER);

  expect(await rowOf(first.id)).toMatchObject({ outcome: 'extended' });
  expect((await open(request(order))).id).not.toBe(first.id);
});

test('the order is kept as it stood when it was asked and when it was answered', async () => {
  const order = await database.place();
  const { id } = await open(request(order));
  await projectOrder(database.db, closed(order), LATER);
  await finishOperatorAction(database.db, id, 'not_open', LATER);

  const row = await rowOf(id);
  const nothing = { paidFen: 0, refundingFen: 0, refundedFen: 0, returnedFen: 0, refund: null, event: null };
  const asked = { reviewReason: null, stuckReason: null, fulfilment: 'none', expiresAt: order.expiresAt.toISOString() };
  expect(row?.['before']).toEqual({ ...nothing, ...asked, version: 1, state: 'creating', closedReason: null });
  expect(row?.['after']).toEqual({ ...nothing, ...asked, version: 2, state: 'closed', closedReason: 'expired' });
});

test('with it the refund or the event that it is about', async () => {
  const order = await paidOrder(database);
  const refund = await reserved(database.db, order);
  const { outRefundNo } = refund;
  const [event] = await listEvents(database.db, order);
  const ofRefund = await open(request(order, { action: 'paidOffline', outRefundNo }));
  const ofEvent = await open(request(order, { action: 'resend', eventId: event?.id ?? '' }));

  await moved(database.db, refund, succeeded());
  await deliver(database.db, event?.id ?? '', delivered);
  for (const { id } of [ofRefund, ofEvent]) await finishOperatorAction(database.db, id, 'resolved', LATER);

  expect(await rowOf(ofRefund.id)).toMatchObject({
    before: { refund: { refundNo: outRefundNo, state: 'requested' }, event: null, refundingFen: 500, refundedFen: 0 },
    after: { refund: { refundNo: outRefundNo, state: 'succeeded' }, event: null, refundingFen: 0, refundedFen: 500 },
  });
  expect(await rowOf(ofEvent.id)).toMatchObject({
    before: { refund: null, event: { id: event?.id, status: 'pending' } },
    after: { refund: null, event: { id: event?.id, status: 'delivered' } },
  });
});

test('what is kept of the order is what whoever changed it at that moment left', async () => {
  const order = await database.place();

  const asked = await database.connection.sql.begin(async (sql) => {
    await sql`update orders set expires_at = ${LATER.toISOString()} where order_no = ${order.orderNo}`;
    const waits = open(request(order));
    await until('the request waits for the order', async () => {
      const locked = await database.connection.sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return locked.length > 0;
    });
    return { waits };
  });

  expect(await rowOf((await asked.waits).id)).toMatchObject({ before: { expiresAt: LATER.toISOString() } });
});

describe('what people did', () => {
  const write = (text: string, id: string) =>
    guarded(() => database.connection.sql.unsafe(text, text.includes('$1') ? [id] : []));

  const done = async (): Promise<string> => {
    const { id } = await open(request(await database.place()));
    await finishOperatorAction(database.db, id, 'extended', LATER);
    return id;
  };

  test.each([
    `update operator_actions set outcome = 'refused' where id = $1`,
    `update operator_actions set outcome = null, finished_at = null, after = null where id = $1`,
    `update operator_actions set after = '{}' where id = $1`,
    'delete from operator_actions where id = $1',
    'truncate operator_actions',
    'truncate orders cascade',
  ])('stays as it was answered, whoever would write: %s', async (text) => {
    const id = await done();
    const before = await rowOf(id);

    await expect(write(text, id)).rejects.toMatchObject({ code: 'transition_refused', rule: 'audit' });

    expect(await rowOf(id)).toEqual(before);
  });

  test.each([
    `actor = 'somebody else'`,
    `reason = null`,
    `requested_at = 'epoch'`,
    `action = 'hold'`,
    `parameters = '{}'`,
    `before = '{}'`,
    `order_no = (select min(order_no) from orders)`,
  ])('stays as it was asked while its outcome is open: %s', async (change) => {
    await database.place();
    const { id } = await open(request(await database.place()));

    const changed = write(`update operator_actions set ${change} where id = $1`, id);

    await expect(changed).rejects.toMatchObject({ code: 'transition_refused', rule: 'audit' });
    expect(await rowOf(id)).toMatchObject({ actor: 'Li Lei', outcome: null });
  });
});

test('nothing can be asked of an order that nobody placed', async () => {
  const order = await database.place();

  await expect(open(request({ ...order, orderNo: orderNo('nobody-asked') }))).rejects.toThrow('does not exist');
});
