import { expect, test } from 'vitest';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../../src/db/operator-action.js';
import { listEvents } from '../../src/db/merchant-event.js';
import type { OrderRecord } from '../../src/domain/order/record.js';
import { fileDatabase } from './database.js';
import { LATER, orderNo } from './fixtures.js';
import { paidOrder, reserved } from './refunds.js';

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

test('nothing can be asked of an order that nobody placed', async () => {
  const order = await database.place();

  await expect(open(request({ ...order, orderNo: orderNo('nobody-asked') }))).rejects.toThrow('does not exist');
});
