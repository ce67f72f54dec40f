import { describe, expect, test } from 'vitest';
import { recordedOutcome } from '../../src/actions/store/unfinished.js';
import {
  bulkFailures,
  createBulk,
  finishBulk,
  finishBulkOrder,
  listBulks,
  loadBulk,
  openBulkOrders,
  type BulkItem,
  type NewBulk,
  findUnfinishedBulks,
} from '../../src/bulk/store/bulk.js';
import { previewBulkOrders, type BulkFilter } from '../../src/bulk/store/choice.js';
import { finishOperatorAction, openOperatorAction } from '../../src/actions/store/action.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { BulkAction, BulkOutcome } from '../../src/bulk/rules/bulk.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { minutesLater } from './events.js';
import { closed, CREATED_AT, fen, LATER, mchid, paid, projectionOf } from './fixtures.js';

const database = fileDatabase();

/** A merchant of the test's own: a filter sees all orders there are. */
function newMerchant() {
  merchants += 1;
  return mchid(String(1_800_000_000 + merchants));
}
let merchants = 0;

async function placeFour() {
  const of = newMerchant();
  const place = (minutes: number, amount: number) =>
    database.place({ mchid: of, createdAt: minutesLater(minutes), amountFen: fen(amount) });
  const [creating, awaiting, done, gone] = [
    await place(3, 1),
    await place(2, 20),
    await place(1, 300),
    await place(0, 4_000),
  ];
  const stuck = { state: 'awaitingPayment', stuckReason: 'gateway_unreachable' } as const;
  await projectOrder(database.db, projectionOf(awaiting, stuck), LATER);
  await projectOrder(database.db, paid(done), LATER);
  await projectOrder(database.db, closed(gone), LATER);
  return { of, creating, awaiting, done, gone };
}

const preview = (of: NewBulk['mchid'], action: BulkAction, filter: BulkFilter = {}) =>
  previewBulkOrders(database.db, { mchid: of, action, filter });

const bulkOf = (of: NewBulk['mchid'], change: Partial<NewBulk> = {}): NewBulk => ({
  mchid: of,
  action: 'hold',
  filter: {},
  until: null,
  reason: 'WeChat Pay is down',
  actor: 'Li Lei',
  at: LATER,
  ...change,
});

const create = (of: NewBulk['mchid'], change: Partial<NewBulk> = {}) => createBulk(database.db, bulkOf(of, change));

const open = async (id: string, limit = 100) => openBulkOrders(database.db, id, limit);

const numbersOf = (items: readonly { orderNo: string }[]): string[] => items.map(({ orderNo }) => orderNo);

async function finish(item: BulkItem | undefined, outcome: BulkOutcome): Promise<void> {
  if (item === undefined) throw new Error('nothing is open');
  await finishBulkOrder(database.db, item, outcome, LATER);
}

describe('which orders', () => {
  test('a deadline is moved only of those that can still be paid', async () => {
    const { of, creating, awaiting } = await placeFour();
    const sample = [awaiting, creating].map(({ orderNo }) => orderNo);

    for (const action of ['hold', 'release', 'extend'] as const) {
      const seen = await preview(of, action);
      expect({ ...seen, sample: numbersOf(seen.sample) }).toEqual({ count: 2, sumFen: 21, sample });
    }
  });

  test('a recheck is asked of any', async () => {
    const { of, creating, awaiting, done, gone } = await placeFour();

    const seen = await preview(of, 'recheck');

    expect([seen.count, seen.sumFen]).toEqual([4, 4_321]);
    expect(numbersOf(seen.sample)).toEqual(numbersOf([gone, done, awaiting, creating]));
    expect(seen.sample[2]).toEqual({
      orderNo: awaiting.orderNo,
      amountFen: 20,
      state: 'awaitingPayment',
      stuckReason: 'gateway_unreachable',
      expiresAt: awaiting.expiresAt,
    });
  });

  test.each<[string, BulkAction, (orders: Awaited<ReturnType<typeof placeFour>>) => BulkFilter, number]>([
    ['a state', 'hold', () => ({ state: 'creating' }), 1],
    ['a state whose deadline is over', 'hold', () => ({ state: 'paid' }), 0],
    ['a state', 'recheck', () => ({ state: 'closed' }), 4_000],
    ['a reason', 'hold', () => ({ stuckReason: 'gateway_unreachable' }), 20],
    ['another reason', 'recheck', () => ({ stuckReason: 'merchant_config' }), 0],
    ['any reason', 'recheck', () => ({ stuckReason: 'any' }), 20],
    ['a time, its start included', 'recheck', ({ done }) => ({ createdFrom: done.createdAt }), 321],
    ['a time, its end not', 'recheck', ({ done }) => ({ createdTo: done.createdAt }), 4_000],
    ['state and time', 'hold', ({ awaiting }) => ({ state: 'creating', createdTo: awaiting.createdAt }), 0],
    ['names, in any state', 'hold', ({ gone, creating }) => ({ orderNos: numbersOf([gone, creating]) }), 4_001],
    ['a name that does not fit', 'hold', ({ gone }) => ({ orderNos: [gone.orderNo], state: 'paid' }), 0],
    ['names nobody has', 'hold', () => ({ orderNos: ['nobody-1', 'x'] }), 0],
  ])('%s, for %s: all must be true', async (_what, action, filterOf, sumFen) => {
    const orders = await placeFour();

    const seen = await preview(orders.of, action, filterOf(orders));
    const id = await create(orders.of, { action, filter: filterOf(orders), until: null });

    expect([seen.sumFen, seen.sample.length]).toEqual([sumFen, seen.count]);
    const known = new Set(numbersOf([orders.creating, orders.awaiting, orders.done, orders.gone]));
    expect(numbersOf(await open(id)).filter((number) => known.has(number))).toEqual(numbersOf(seen.sample));
  });

  test('never those of another merchant', async () => {
    const { done } = await placeFour();
    const of = newMerchant();

    expect(await preview(of, 'recheck', { orderNos: [done.orderNo] })).toEqual({ count: 0, sumFen: 0, sample: [] });
    const id = await create(of, { action: 'recheck', filter: { orderNos: [done.orderNo] } });
    expect(numbersOf(await open(id))).toEqual([done.orderNo]);
  });

  test('of many the sample is the ten oldest, whatever their states', async () => {
    const of = newMerchant();
    const placed: OrderRecord[] = [];
    for (let n = 0; n < 14; n += 1) {
      const order = await database.place({ mchid: of, createdAt: minutesLater(-n) });
      placed.unshift(order);
      if (n % 2 === 0) await projectOrder(database.db, projectionOf(order, { state: 'awaitingPayment' }), LATER);
    }

    const seen = await preview(of, 'hold');

    expect([seen.count, numbersOf(seen.sample)]).toEqual([14, numbersOf(placed.slice(0, 10))]);
  });
});

describe('a bulk', () => {
  test('keeps who wants what of which orders, the oldest first, and why', async () => {
    const { of, creating, awaiting } = await placeFour();
    const until = minutesLater(60);

    const id = await create(of, { action: 'extend', until, filter: { createdFrom: CREATED_AT } });

    expect(await loadBulk(database.db, id)).toEqual({
      id,
      mchid: of,
      action: 'extend',
      until,
      reason: 'WeChat Pay is down',
      actor: 'Li Lei',
      createdAt: LATER,
      finishedAt: null,
      total: 2,
      done: 0,
      failed: 0,
    });
    expect(await open(id)).toEqual([
      { bulkId: id, seq: 1, orderNo: awaiting.orderNo },
      { bulkId: id, seq: 2, orderNo: creating.orderNo },
    ]);
  });

  test('is about the orders there were when it was decided', async () => {
    const { of, creating, awaiting } = await placeFour();
    const id = await create(of);

    await database.place({ mchid: of });
    await projectOrder(database.db, closed(creating), LATER);

    expect(numbersOf(await open(id))).toEqual(numbersOf([awaiting, creating]));
  });

  test('takes every number that was named, once; those without an order come last', async () => {
    const { of, done, gone } = await placeFour();
    const orderNos = ['x', done.orderNo, 'nobody-1', gone.orderNo, done.orderNo, 'x', `'";--`];

    const id = await create(of, { filter: { orderNos } });

    expect(numbersOf(await open(id))).toEqual([gone.orderNo, done.orderNo, `'";--`, 'nobody-1', 'x']);
  });

  test('counts what is done and what failed, and the first outcome stays', async () => {
    const { of } = await placeFour();
    const id = await create(of, { action: 'recheck' });
    const [first, second, third] = await open(id, 3);

    await finish(first, 'done');
    await finish(second, 'order_closed');
    await finish(first, 'order_not_payable');
    await finish(third, 'outcome_pending');

    expect(await loadBulk(database.db, id)).toMatchObject({ total: 4, done: 1, failed: 2, finishedAt: null });
    expect(await bulkFailures(database.db, id, 10)).toEqual([
      { orderNo: second?.orderNo, code: 'order_closed' },
      { orderNo: third?.orderNo, code: 'outcome_pending' },
    ]);
    expect(await bulkFailures(database.db, id, 1)).toHaveLength(1);
    expect(numbersOf(await open(id))).toHaveLength(1);
  });

  test('ends when nothing is open, once', async () => {
    const { of } = await placeFour();
    const [id, empty] = [await create(of), await create(of, { filter: { state: 'paid' } })];
    const ended = async (it: string) => (await loadBulk(database.db, it))?.finishedAt;

    await finishBulk(database.db, id, LATER);
    expect(await ended(id)).toBeNull();
    for (const item of await open(id)) await finish(item, 'done');
    await finishBulk(database.db, id, LATER);
    await finishBulk(database.db, id, minutesLater(9));
    expect(await ended(id)).toEqual(LATER);

    await finishBulk(database.db, empty, LATER);
    expect(await ended(empty)).toEqual(LATER);
  });

  test('is listed, the latest first, for the merchants that were asked for', async () => {
    const [one, other] = [await placeFour(), await placeFour()];
    const older = await create(one.of, { at: minutesLater(1) });
    const newer = await create(other.of, { at: minutesLater(2), reason: 'a fire' });
    await finish((await open(older))[0], 'order_closed');

    const listed = await listBulks(database.db, [one.of, other.of], 10);

    expect(listed.map(({ id, total, failed, reason }) => [id, total, failed, reason])).toEqual([
      [newer, 2, 0, 'a fire'],
      [older, 2, 1, 'WeChat Pay is down'],
    ]);
    expect((await listBulks(database.db, [one.of, other.of], 1)).map(({ id }) => id)).toEqual([newer]);
    expect((await listBulks(database.db, [one.of], 10)).map(({ id }) => id)).toEqual([older]);
  });

  test('is not there under what is no id', async () => {
    expect(await loadBulk(database.db, 'x')).toBeUndefined();
    expect(await loadBulk(database.db, '00000000-0000-4000-8000-000000000000')).toBeUndefined();
  });

  test('knows what it asked of an order, and what came of it', async () => {
    const { of, awaiting: order } = await placeFour();
    const [bulkId, another] = [await create(of), await create(of)];
    const asked = () => recordedOutcome(database.db, { bulkId, mchid: of, orderNo: order.orderNo });
    expect(await asked()).toBeUndefined();

    const request = {
      mchid: of,
      orderNo: order.orderNo,
      action: 'hold',
      parameters: {},
      reason: 'x',
      actor: 'y',
    } as const;
    const { id } = await openOperatorAction(database.db, { ...request, bulkId, at: LATER });
    expect(await asked()).toBeNull();
    await finishOperatorAction(database.db, id, 'extended', LATER);
    await openOperatorAction(database.db, { ...request, bulkId: another, at: minutesLater(20) });

    expect(await asked()).toBe('extended');
  });
});

test('bulks that have not ended are found once they are old enough, and once a minute', async () => {
  const { of } = await placeFour();
  const [id, ended] = [await create(of), await create(of, { filter: { state: 'paid' } })];
  await finishBulk(database.db, ended, LATER);
  const found = async (at: Date) =>
    (await findUnfinishedBulks(database.db, at, 100)).filter((it) => [id, ended].includes(it));

  expect(await found(LATER)).toEqual([]);
  expect(await found(minutesLater(6))).toEqual([id]);
  expect(await found(minutesLater(6))).toEqual([]);
  await database.connection.sql`update bulks set swept_at = swept_at - interval '61 seconds' where id = ${id}`;
  expect(await found(minutesLater(6))).toEqual([id]);
});
