import { beforeEach, describe, expect, it } from 'vitest';
import { finishBulk, finishBulkOrder, openBulkOrders } from '../../../src/bulk/store/bulk.js';
import { DatabaseUnavailable } from '../../../src/db/failure.js';
import type { BulkOutcome } from '../../../src/bulk/rules/bulk.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { json, MCHID, NOW, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

let operator = '';
let numbers: string[] = [];
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
  numbers = [await test.placeOrder(), await test.placeOrder({ amountFen: 34 })];
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const post = (change: Record<string, unknown> = {}, key = operator) => {
  const body = {
    action: 'hold',
    filter: { orderNos: numbers },
    reason: 'WeChat Pay is down',
    dryRun: false,
    ...change,
  };
  return test.send('POST', '/v1/bulk', { key, body });
};

const get = (path: string, key = operator) => test.send('GET', `/v1/bulk${path}`, { key });

async function started(change: Record<string, unknown> = {}): Promise<string> {
  const answer = await post(change);
  expect(answer.status).toBe(202);
  return (await json<{ id: string }>(answer)).id;
}

/** What the bulk's workflow records of its orders. */
async function finish(id: string, outcomes: readonly BulkOutcome[]): Promise<void> {
  const { db } = test.connection;
  const items = await openBulkOrders(db, id, outcomes.length);
  for (const [index, item] of items.entries()) await finishBulkOrder(db, item, outcomes[index] ?? 'done', NOW);
  await finishBulk(db, id, NOW);
}

const recorded = () => test.connection.sql`select id from bulks where mchid = ${MCHID}`;

describe('a dry run', () => {
  it('tells how many, how much, and which are the oldest, and does nothing', async () => {
    const before = await recorded();
    const answer = await post({ dryRun: true });
    expect(answer.status).toBe(200);
    expect(await json(answer)).toEqual({
      count: 2,
      sumFen: 1234,
      sample: numbers.map((orderNo, index) => ({
        orderNo,
        amountFen: [1200, 34][index],
        state: 'awaitingPayment',
        stuckReason: null,
        expiresAt: '2026-03-01T12:00:00.000Z',
      })),
    });
    expect(await recorded()).toEqual(before);
    expect(test.bulks.calls).toEqual([]);
  });
});

describe('a bulk', () => {
  it('is recorded with who and why, and started', async () => {
    const id = await started({
      filter: { orderNos: [...numbers, 'nobody-1'], createdTo: '2026-03-02T00:00:00+08:00' },
    });
    expect(id).toMatch(UUID);
    expect(test.bulks.callsOf('start')).toEqual([id]);
    const answer = await get(`/${id}`);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toEqual({
      id,
      mchid: MCHID,
      action: 'hold',
      until: null,
      reason: 'WeChat Pay is down',
      actor: textWith(/^Li Lei \([0-9a-f-]{36}\)$/),
      createdAt: NOW.toISOString(),
      finishedAt: null,
      total: 3,
      done: 0,
      failedCount: 0,
      failed: [],
    });
  });

  it('tells how far it is, and of each order that failed why', async () => {
    const id = await started({ filter: { orderNos: [...numbers, 'nobody-1'] } });
    await finish(id, ['done', 'order_closed']);
    expect(await json(await get(`/${id}`))).toMatchObject({
      done: 1,
      failedCount: 1,
      failed: [{ orderNo: numbers[1], code: 'order_closed' }],
      finishedAt: null,
    });
    await finish(id, ['order_not_found']);
    expect(await json(await get(`/${id}`))).toMatchObject({
      total: 3,
      done: 1,
      failedCount: 2,
      failed: [{}, { orderNo: 'nobody-1', code: 'order_not_found' }],
      finishedAt: NOW.toISOString(),
    });
  });

  it('of a thousand numbers is taken, and of what fails the first thousand are told', async () => {
    const orderNos = Array.from({ length: 1_000 }, (_, n) => `unknown-${'x'.repeat(50)}${String(n).padStart(4, '0')}`);
    const id = await started({ filter: { orderNos } });
    const { sql } = test.connection;
    await sql`insert into bulk_orders (bulk_id, seq, order_no) values (${id}, 1001, 'one-more')`;
    await sql`update bulk_orders set outcome = 'order_not_found', finished_at = now() where bulk_id = ${id}`;
    const status = await json<{ failed: unknown[] }>(await get(`/${id}`));
    expect(status).toMatchObject({ total: 1_001, done: 0, failedCount: 1_001 });
    expect(status.failed).toHaveLength(1_000);
  });

  it('is taken once it is recorded: the sweeper starts it when Temporal is back', async () => {
    test.bulks.answers.start = () => Promise.reject(new TemporalUnavailable());
    const id = await started();
    expect((await get(`/${id}`)).status).toBe(200);
    expect(test.logLines.join('')).toContain(id);
    test.bulks.answers.start = () => Promise.reject(new DatabaseUnavailable('57P01'));
    expect((await post()).status).toBe(202);
    test.bulks.answers.start = () => Promise.reject(new Error('a bug'));
    expect((await post()).status).toBe(500);
  });

  it('keeps the time of an extend', async () => {
    const id = await started({ action: 'extend', until: '2026-03-08T18:00:00+08:00' });
    expect(await json(await get(`/${id}`))).toMatchObject({ action: 'extend', until: '2026-03-08T10:00:00.000Z' });
  });

  it('is listed, the latest first', async () => {
    test.clock.now = new Date(NOW.getTime() + 60_000);
    const older = await started();
    await finish(older, ['done', 'order_closed']);
    test.clock.now = new Date(NOW.getTime() + 120_000);
    const newer = await started({ action: 'recheck', reason: 'it is back' });
    const { items } = await json<{ items: Record<string, unknown>[] }>(await get('?limit=2'));
    expect(items).toEqual([
      {
        id: newer,
        mchid: MCHID,
        action: 'recheck',
        until: null,
        reason: 'it is back',
        actor: textWith(/^Li Lei/),
        createdAt: test.clock.now.toISOString(),
        finishedAt: null,
        total: 2,
        done: 0,
        failedCount: 0,
      },
      expect.objectContaining({ id: older, done: 1, failedCount: 1, finishedAt: NOW.toISOString() }),
    ]);
    expect((await get('?limit=0')).status).toBe(400);
    expect((await get('?cursor=x')).status).toBe(400);
  });
});

describe('what makes no sense', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another action', { action: 'close' }],
    ['no reason', { reason: undefined }],
    ['an empty reason', { reason: '' }],
    ['no word on whether it is a dry run', { dryRun: undefined }],
    ['no filter', { filter: undefined }],
    ['another field', { orderNo: 'A-1001' }],
    ['another filter', { filter: { mchid: '1900000001' } }],
    ['another state', { filter: { state: 'stuck' } }],
    ['no number', { filter: { orderNos: [] } }],
    ['an empty number', { filter: { orderNos: [''] } }],
    ['more than a thousand numbers', { filter: { orderNos: Array.from({ length: 1_001 }, (_, n) => `order-${n}`) } }],
    ['a time before it begins', { filter: { createdFrom: '2026-03-02T00:00:00Z', createdTo: '2026-03-02T00:00:00Z' } }],
    ['no time to extend to', { action: 'extend' }],
    ['a time with another action', { until: '2026-03-02T00:00:00Z' }],
    ['a time that has passed', { action: 'extend', until: '2026-03-01T10:00:00Z' }],
    ['a time too far ahead', { action: 'extend', until: '2026-03-08T10:00:00.001Z' }],
    ['no time at all', { action: 'extend', until: 'tomorrow' }],
  ])('%s is refused, dry or not', async (_what, change) => {
    const before = await recorded();
    for (const dryRun of [true, false]) {
      const answer = await post({ dryRun, ...change });
      expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
    }
    expect(await recorded()).toEqual(before);
    expect(test.bulks.calls).toEqual([]);
  });

  it('a body that is too large is refused', async () => {
    const orderNos = Array.from({ length: 1_000 }, () => 'x'.repeat(200));
    expect(await problemCode(await post({ filter: { orderNos } }))).toBe('body_too_large');
  });
});

describe('who may', () => {
  it("a merchant's key may not", async () => {
    const id = await started();
    for (const answer of [
      await post({}, test.merchantKey),
      await get('', test.merchantKey),
      await get(`/${id}`, test.merchantKey),
    ]) {
      expect([answer.status, await problemCode(answer)]).toEqual([403, 'forbidden']);
    }
  });

  it("another merchant's bulk is not there, nor in the list", async () => {
    const { key } = await test.newKey('operator', [OTHER_MCHID], 'Han Meimei');
    const id = await started();
    for (const path of [`/${id}`, '/x', '/00000000-0000-4000-8000-000000000000']) {
      const answer = await get(path, key);
      expect([answer.status, await problemCode(answer)]).toEqual([404, 'bulk_not_found']);
    }
    expect(await json(await get('', key))).toEqual({ items: [] });
  });
});
