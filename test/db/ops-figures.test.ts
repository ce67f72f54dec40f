import type { Sql } from 'postgres';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../src/db/connection.js';
import { callsByHour, closedOfPlaced, paidByHour, refundsByDay, timesToPay } from '../../src/figures/store/trends.js';
import { openRefunds, pendingEvents, unfinishedNotifies, waitingOrders } from '../../src/figures/store/waiting.js';
import { opsRows } from '../ops/support/rows.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { MCHID, mchid } from './fixtures.js';
import { planOf } from './plan.js';

const database = fileDatabase();
const OTHER = mchid('1900000002');
const BUSY = mchid('1900000003');
const at = (time: string): Date => new Date(`2026-03-01T${time}Z`);
const SINCE = at('08:00:00');

describe('what there is', () => {
  beforeAll(() => onDatabase(database.url, place));

  async function place(sql: Sql): Promise<void> {
    const [mine, others] = [opsRows(sql, MCHID), opsRows(sql, OTHER)];
    await mine.waiting({ createdAt: at('09:00:00'), amountFen: 100 });
    await mine.waiting({ createdAt: at('00:00:00'), amountFen: 200 });
    await mine.waiting({ createdAt: at('09:00:00'), stuck: 'review', since: at('09:30:00'), amountFen: 400 });
    await others.waiting({ createdAt: at('09:00:00'), amountFen: 800 });
    await mine.closed({ createdAt: at('07:59:59.999') });
    await mine.closed({ createdAt: at('08:00:00') });
    await mine.closed({ createdAt: at('08:30:00'), reason: 'rejected' });
    await mine.paid({ paidAt: at('07:59:59.999'), foundBy: 'notify' });
    const first = await mine.paid({ paidAt: at('08:00:00'), foundBy: 'notify', tookMs: 9_999, amountFen: 1_000 });
    await mine.paid({ paidAt: at('08:59:59.999'), foundBy: 'notify', tookMs: 10_000, amountFen: 2_000 });
    await mine.paid({ paidAt: at('08:30:00'), foundBy: 'poll', tookMs: 86_400_000, amountFen: 4_000 });
    await mine.paid({ paidAt: at('09:00:00'), foundBy: null, tookMs: 299_999, amountFen: 8_000 });
    await others.paid({ paidAt: at('08:30:00'), foundBy: 'sync', amountFen: 50 });
    // 16:00 UTC begins a day in Beijing.
    const refund = { totalFen: 1_000, amountFen: 10 } as const;
    await mine.refund(first, { ...refund, createdAt: at('15:59:59.999'), state: 'succeeded' });
    await mine.refund(first, { ...refund, createdAt: at('16:00:00'), state: 'processing' });
    await mine.refund(first, { ...refund, createdAt: at('17:00:00'), state: 'abnormal' });
    await mine.call(first, { at: at('07:59:59.999'), outcome: 'unknown' });
    await mine.call(first, { at: at('08:00:00'), outcome: 'unknown' });
    await mine.call(first, { at: at('08:10:00'), outcome: 'SYSTEM_ERROR' });
    await mine.call(first, { at: at('08:20:00'), outcome: 'paid' });
    await mine.call(first, { at: at('08:30:00'), outcome: 'notPaid' });
    await mine.event(first, at('08:00:00'));
    await mine.unmatched(at('08:00:00'));
    await others.unmatched(at('08:00:00'));
  }

  test('waiting orders are counted by state with their money, of the merchants that were asked about', async () => {
    const rows = await waitingOrders(database.db, [MCHID]);
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ mchid: MCHID, state: 'awaitingPayment', count: 2, sumFen: 300 }),
        expect.objectContaining({ mchid: MCHID, state: 'review', count: 1, sumFen: 400 }),
      ]),
    );
    const both = await waitingOrders(database.db, [MCHID, OTHER]);
    expect(both).toHaveLength(3);
    expect(both).toEqual(
      expect.arrayContaining([
        ...rows,
        expect.objectContaining({ mchid: OTHER, state: 'awaitingPayment', count: 1, sumFen: 800 }),
      ]),
    );
  });

  test('payments are counted by the hour they came in and by what found them', async () => {
    const rows = await paidByHour(database.db, [MCHID], SINCE);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        { hour: at('08:00:00'), foundBy: 'notify', count: 2, sumFen: 3_000 },
        { hour: at('08:00:00'), foundBy: 'poll', count: 1, sumFen: 4_000 },
        { hour: at('09:00:00'), foundBy: null, count: 1, sumFen: 8_000 },
      ]),
    );
  });

  test('times to pay fall into groups whose upper ends are not in them', async () => {
    expect(await timesToPay(database.db, [MCHID], SINCE)).toEqual([1, 1, 0, 0, 1, 0, 0, 0, 1]);
    expect(await timesToPay(database.db, [BUSY], at('23:00:00'))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('orders that ended without money are counted by why, from the first moment on', async () => {
    const rows = await closedOfPlaced(database.db, [MCHID], SINCE);
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        { closedReason: 'expired', count: 1, sumFen: 900 },
        { closedReason: 'rejected', count: 1, sumFen: 900 },
      ]),
    );
  });

  test('refunds are counted by Beijing’s day and state; those under way with what they hold', async () => {
    const rows = await refundsByDay(database.db, [MCHID], SINCE);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        { day: new Date('2026-02-28T16:00:00Z'), state: 'succeeded', count: 1, sumFen: 10 },
        { day: at('16:00:00'), state: 'processing', count: 1, sumFen: 10 },
        { day: at('16:00:00'), state: 'abnormal', count: 1, sumFen: 10 },
      ]),
    );
    const open = await openRefunds(database.db, [MCHID]);
    expect(open.reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  test('calls are counted by hour and by what went wrong; an answer is no error, whatever it says', async () => {
    const rows = await callsByHour(database.db, [MCHID], SINCE);
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        { hour: at('08:00:00'), error: null, count: 2 },
        { hour: at('08:00:00'), error: 'unknown', count: 1 },
        { hour: at('08:00:00'), error: 'SYSTEM_ERROR', count: 1 },
      ]),
    );
  });

  test('undelivered events and unmatched notifies are counted per merchant', async () => {
    expect(await pendingEvents(database.db, [MCHID])).toMatchObject([{ count: 1 }]);
    expect(await pendingEvents(database.db, [OTHER])).toEqual([]);
    expect(await unfinishedNotifies(database.db, [MCHID])).toMatchObject([{ status: 'unmatched', count: 1 }]);
  });
});

describe('with many rows', () => {
  beforeAll(() => onDatabase(database.url, placeMany));

  /** 8,000 orders, one in ten minutes: the last day is a fraction of them. */
  async function placeMany(sql: Sql): Promise<void> {
    await sql`
      insert into orders (mchid, order_no, state, closed_reason, closed_at, amount_fen, description, policy, body_hash,
                          expires_in_seconds, expires_at, created_at)
      select ${BUSY}, 'busy-' || lpad(n::text, 8, '0'), 'closed', 'expired', ${SINCE}, 100, 'tea',
             '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 60, ${SINCE},
             ${SINCE}::timestamptz - make_interval(mins => 10 * n)
      from generate_series(1, 8000) n`;
    await sql`
      insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
      select mchid, order_no, order_no, 1, 'native', 'wx', 'succeeded', order_no, 100 from orders where mchid = ${BUSY}`;
    await sql`
      update orders set state = 'paid', paid_attempt = order_no, paid_fen = 100, paid_at = created_at,
                        found_by = 'notify'
      where mchid = ${BUSY} and right(order_no, 1) <> '7'`;
    await sql`
      insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, state,
                           succeeded_at, created_at)
      select mchid, order_no || '-r', order_no, order_no, 1, 100, 'shop', 'hash',
             case when right(order_no, 3) = '000' then 'requested' else 'succeeded' end,
             case when right(order_no, 3) = '000' then null else created_at end, created_at
      from orders where mchid = ${BUSY}`;
    await sql`
      insert into gateway_calls (mchid, order_no, out_trade_no, api, at, outcome, duration_ms)
      select mchid, order_no, order_no, 'query', created_at, 'paid', 10 from orders where mchid = ${BUSY}`;
    await sql`
      insert into merchant_events (mchid, order_no, type, body, status, delivered_at, created_at)
      select mchid, order_no, 'order.paid', '{}', 'delivered', created_at, created_at from orders where mchid = ${BUSY}`;
    await sql`
      insert into notify_inbox (mchid, protocol, kind, key, status, out_trade_no, order_no, evidence, serial_no, raw_body,
                                headers, received_at, signalled_at)
      select mchid, 'v3', 'payment', order_no, 'signalled', order_no, order_no, '{}', 's', '', '{}', created_at, created_at
      from orders where mchid = ${BUSY}`;
    for (const table of ['orders', 'refunds', 'gateway_calls', 'merchant_events', 'notify_inbox'])
      await sql.unsafe(`vacuum (analyze) ${table}`);
  }

  const aDayAgo = new Date(SINCE.getTime() - 24 * 3_600_000);
  test.each<[string, (db: Db) => Promise<unknown>, string]>([
    ['waiting orders', (db) => waitingOrders(db, [BUSY]), 'orders_sweep_overdue'],
    ['payments', (db) => paidByHour(db, [BUSY], aDayAgo), 'orders_list_paid'],
    ['times to pay', (db) => timesToPay(db, [BUSY], aDayAgo), 'orders_list_paid'],
    ['closed orders', (db) => closedOfPlaced(db, [BUSY], aDayAgo), 'orders_list_state'],
    ['refunds', (db) => refundsByDay(db, [BUSY], aDayAgo), 'refunds_list'],
    ['refunds under way', (db) => openRefunds(db, [BUSY]), 'refunds_list_state'],
    ['calls', (db) => callsByHour(db, [BUSY], aDayAgo), 'gateway_calls_recent'],
    ['undelivered events', (db) => pendingEvents(db, [BUSY]), 'merchant_events_sweep'],
    ['unfinished notifies', (db) => unfinishedNotifies(db, [BUSY]), 'notify_inbox_unfinished'],
  ])('%s are counted by an index that holds little else', async (_what, run, index) => {
    const nodes = await planOf(database, run);
    expect(nodes.flatMap((node) => node['Index Name'] ?? [])).toContain(index);
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
  });
});
