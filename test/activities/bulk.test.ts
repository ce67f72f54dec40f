import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import { actOnOrder, createBulkActivities } from '../../activities/bulk.js';
import { bulkFailures, createBulk, loadBulk, openBulkOrders, type NewBulk } from '../../src/bulk/store/bulk.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { TemporalUnavailable } from '../../src/temporal/call.js';
import type { RefundWorkflows } from '../../src/refunds/client.js';
import type { OrderWorkflows } from '../../src/orders/client.js';
import { fileDatabase } from '../db/database.js';
import { minutesLater } from '../db/events.js';
import { closed, CREATED_AT, LATER, MCHID, paid, projectionOf } from '../db/fixtures.js';
import { fakeOrders, type FakeOrders } from '../http/support/fake-orders.js';
import { fakePort, type FakePort } from '../http/support/fake-port.js';

const database = fileDatabase();
const WEEK_END = new Date(CREATED_AT.getTime() + 7 * 86_400_000);

let orders: FakeOrders;
let refunds: FakePort<RefundWorkflows>;
beforeEach(() => {
  orders = fakeOrders(database.db, () => LATER);
  refunds = fakePort<RefundWorkflows>({
    start: () => Promise.resolve(),
    recheck: () => Promise.resolve(),
    deliverEvidence: () => Promise.resolve('signalled'),
    findExternal: () => Promise.resolve(),
    progress: () => Promise.resolve('running' as const),
    rescue: () => Promise.resolve('rescued' as const),
    resolve: () => Promise.resolve('resolved'),
  });
});

const deps = () => ({ db: database.db, orders, refunds, now: () => LATER });

const environment = () => new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });

/** One slice, as the bulk's workflow asks for it. */
const run = (bulkId: string, where = environment()) =>
  where.run(() => createBulkActivities(deps()).runBulkSlice({ bulkId }));

async function placed(count: number): Promise<OrderRecord[]> {
  const some: OrderRecord[] = [];
  for (let n = 0; n < count; n += 1) some.push(await database.place());
  return some;
}

function bulkOf(some: readonly { orderNo: string }[], change: Partial<NewBulk> = {}): Promise<string> {
  const orderNos = some.map(({ orderNo }) => orderNo);
  const who = { reason: 'WeChat Pay is down', actor: 'Li Lei', at: LATER };
  return createBulk(database.db, {
    mchid: MCHID,
    action: 'hold',
    filter: { orderNos },
    until: null,
    ...who,
    ...change,
  });
}

const actionsOf = ({ orderNo }: { orderNo: string }) => database.connection.sql`
  select action, reason, actor, bulk_id, outcome from operator_actions where order_no = ${orderNo}`;

const failed = (bulkId: string) => bulkFailures(database.db, bulkId, 100);
const openOf = async (bulkId: string) => (await openBulkOrders(database.db, bulkId, 100)).map(({ orderNo }) => orderNo);

/** Answers in place of `extended`, by the order. */
function answering(answer: (orderNo: string, asks: number) => ReturnType<OrderWorkflows['extendDeadline']>): void {
  const asks = new Map<string, number>();
  orders.answers.extendDeadline = ({ orderNo }) => {
    asks.set(orderNo, (asks.get(orderNo) ?? 0) + 1);
    return answer(orderNo, asks.get(orderNo) ?? 0);
  };
}

describe('a slice', () => {
  test('asks each order once, at most ten at a time and about twenty a second, and keeps who and why', async () => {
    const some = await placed(25);
    const bulkId = await bulkOf(some);
    let atOnce = 0;
    let most = 0;
    orders.answers.extendDeadline = async () => {
      most = Math.max(most, (atOnce += 1));
      await expect.poll(() => most).toBeGreaterThanOrEqual(10);
      // Time enough for one too many.
      await new Promise((resolve) => setTimeout(resolve, 200));
      atOnce -= 1;
      return 'extended';
    };
    const startedAt = performance.now();

    expect(await run(bulkId)).toEqual({ total: 25, done: 25, failed: 0, open: 0 });

    expect(most).toBe(10);
    expect(performance.now() - startedAt).toBeGreaterThan(1_200);
    expect(orders.callsOf('extendDeadline')).toHaveLength(25);
    for (const order of some) {
      const who = { reason: 'WeChat Pay is down', actor: 'Li Lei', bulk_id: bulkId };
      expect(await actionsOf(order)).toEqual([{ action: 'hold', ...who, outcome: 'extended' }]);
    }
    expect(await loadBulk(database.db, bulkId)).toMatchObject({ done: 25, finishedAt: LATER });
  });

  test('tells while it works how far it is', async () => {
    const bulkId = await bulkOf(await placed(2));
    const where = environment();
    const beats: unknown[] = [];
    where.on('heartbeat', (details: unknown) => beats.push(details));
    orders.answers.extendDeadline = async ({ orderNo }) => {
      if (orderNo === (await openOf(bulkId)).at(-1)) await expect.poll(() => beats.at(-1)).toMatchObject({ done: 1 });
      return 'extended';
    };

    await run(bulkId, where);

    expect(beats.at(-1)).toEqual({ total: 2, done: 1, failed: 0 });
  });

  test('of no order ends the bulk', async () => {
    const bulkId = await bulkOf([], { filter: { orderNos: [] } });

    expect(await run(bulkId)).toEqual({ total: 0, done: 0, failed: 0, open: 0 });

    expect(await loadBulk(database.db, bulkId)).toMatchObject({ finishedAt: LATER });
  });
});

describe('what becomes of an order', () => {
  test('a hold puts its deadline at the end of its longest life, a release back, an extend where it was told', async () => {
    const some = await placed(1);
    const until = minutesLater(180);

    for (const change of [{ action: 'hold' }, { action: 'release' }, { action: 'extend', until }] as const) {
      await run(await bulkOf(some, change));
    }

    expect(orders.callsOf('extendDeadline')).toMatchObject([
      { until: WEEK_END },
      { until: new Date(CREATED_AT.getTime() + 7_200_000) },
      { until },
    ]);
  });

  test('a recheck is asked of it in any state, and what is not asked again is done', async () => {
    const [waiting, done] = await placed(2);
    if (waiting === undefined || done === undefined) throw new Error('two orders');
    await projectOrder(database.db, paid(done), LATER);
    const bulkId = await bulkOf([waiting, done, { orderNo: 'nobody-1' }], { action: 'recheck' });

    expect(await run(bulkId)).toEqual({ total: 3, done: 2, failed: 1, open: 0 });

    expect(orders.callsOf('recheck')).toHaveLength(2);
    expect(await actionsOf(done)).toMatchObject([{ action: 'recheck', outcome: 'asked' }]);
    expect(await failed(bulkId)).toEqual([{ orderNo: 'nobody-1', code: 'order_not_found' }]);
  });

  test('a code says why it was not done', async () => {
    const [gone, done, review, tooLate, ending, ok] = await placed(6);
    if (gone === undefined || done === undefined || review === undefined) throw new Error('six orders');
    if (tooLate === undefined || ending === undefined || ok === undefined) throw new Error('six orders');
    await projectOrder(database.db, closed(gone), LATER);
    await projectOrder(database.db, paid(done), LATER);
    await projectOrder(database.db, projectionOf(review, { state: 'review', reviewReason: 'late_payment' }), LATER);
    const old = await database.place({ createdAt: minutesLater(-7 * 1_440) });
    answering(async (orderNo) => {
      if (orderNo === ok.orderNo) return 'extended';
      await projectOrder(database.db, closed(ending), LATER);
      return 'not_open';
    });
    const named = [gone, done, review, old, ending, ok, { orderNo: 'nobody-1' }, { orderNo: '?' }];
    const bulkId = await bulkOf(named, { action: 'extend', until: minutesLater(1_440) });

    expect(await run(bulkId)).toEqual({ total: 8, done: 1, failed: 7, open: 0 });

    const codes = new Map((await failed(bulkId)).map(({ orderNo, code }) => [orderNo, code]));
    expect(named.map(({ orderNo }) => codes.get(orderNo))).toEqual([
      'order_closed',
      'order_not_payable',
      'order_not_payable',
      'invalid_request',
      'order_closed',
      undefined,
      'order_not_found',
      'order_not_found',
    ]);
  });

  test('one that does not answer is asked five times under one name, and then left as it is', async () => {
    const some = await placed(2);
    const [slow, slower] = some;
    const bulkId = await bulkOf(some);
    answering((orderNo, asks) => Promise.resolve(orderNo === slow?.orderNo && asks === 5 ? 'extended' : 'pending'));

    expect(await run(bulkId)).toEqual({ total: 2, done: 1, failed: 1, open: 0 });

    expect(await failed(bulkId)).toEqual([{ orderNo: slower?.orderNo, code: 'outcome_pending' }]);
    expect(orders.callsOf('extendDeadline')).toHaveLength(10);
    const names = orders.callsOf('extendDeadline').map((it) => (it as { requestId: string }).requestId);
    expect(new Set(names).size).toBe(2);
  });
});

describe('a slice that is interrupted', () => {
  test('where Temporal is away fails no order and goes on under the same names', async () => {
    const some = await placed(14);
    const bulkId = await bulkOf(some);
    answering(() => Promise.reject(new TemporalUnavailable()));

    await expect(run(bulkId)).rejects.toThrow(TemporalUnavailable);

    expect(await loadBulk(database.db, bulkId)).toMatchObject({ done: 0, failed: 0, finishedAt: null });
    expect(orders.callsOf('extendDeadline').length).toBeLessThanOrEqual(10);
    orders.answers = {};
    expect(await run(bulkId)).toMatchObject({ done: 14, open: 0 });
    for (const order of some) expect(await actionsOf(order)).toMatchObject([{ outcome: 'extended' }]);
  });

  test('an order that cannot be done does not keep the others from it', async () => {
    const some = await placed(12);
    const bulkId = await bulkOf(some);
    answering((orderNo) =>
      orderNo === some[0]?.orderNo ? Promise.reject(new Error('bug')) : Promise.resolve('extended'),
    );

    await expect(run(bulkId)).rejects.toThrow('bug');

    expect(await openOf(bulkId)).toEqual([some[0]?.orderNo]);
    expect(await loadBulk(database.db, bulkId)).toMatchObject({ done: 11, failed: 0, finishedAt: null });
  });

  test.each(['hold', 'release', 'recheck'] as const)(
    'after a %s was answered, and before that was kept, does not ask again',
    async (action) => {
      const [order] = await placed(1);
      if (order === undefined) throw new Error('one order');
      const bulkId = await bulkOf([order], { action });
      const bulk = await loadBulk(database.db, bulkId);
      if (bulk === undefined) throw new Error('the bulk');
      await environment().run(() => actOnOrder(deps(), bulk, order.orderNo));
      // What it did may have ended the order.
      await projectOrder(database.db, closed(order), LATER);

      expect(await run(bulkId)).toEqual({ total: 1, done: 1, failed: 0, open: 0 });

      expect(orders.calls).toHaveLength(1);
      expect(await actionsOf(order)).toHaveLength(1);
    },
  );

  test('before the answer came joins what it asked; a release that closed the order is done', async () => {
    const [held, released] = await placed(2);
    if (held === undefined || released === undefined) throw new Error('two orders');
    const bulks = [await bulkOf([held]), await bulkOf([released], { action: 'release' })] as const;
    answering(() => Promise.reject(new TemporalUnavailable()));
    for (const bulkId of bulks) await expect(run(bulkId)).rejects.toThrow(TemporalUnavailable);
    for (const order of [held, released]) await projectOrder(database.db, closed(order), LATER);
    answering(() => Promise.resolve('not_open'));

    for (const bulkId of bulks) await run(bulkId);

    expect(await failed(bulks[0])).toEqual([{ orderNo: held.orderNo, code: 'order_closed' }]);
    expect(await failed(bulks[1])).toEqual([]);
    for (const order of [held, released]) expect(await actionsOf(order)).toMatchObject([{ outcome: 'not_open' }]);
  });

  test('by a worker that stops leaves what it does not know, for the next one', async () => {
    const some = await placed(12);
    const bulkId = await bulkOf(some);
    const where = environment();
    answering((_, asks) => {
      if (asks === 1) where.cancel('WORKER_SHUTDOWN');
      return Promise.resolve('pending');
    });

    await expect(run(bulkId, where)).rejects.toThrow();

    expect(await loadBulk(database.db, bulkId)).toMatchObject({ done: 0, failed: 0 });
    expect(orders.calls.length).toBeLessThanOrEqual(10);
    orders.answers = {};
    expect(await run(bulkId)).toMatchObject({ done: 12, open: 0 });
    for (const order of some) expect(await actionsOf(order)).toHaveLength(1);
  });
});
