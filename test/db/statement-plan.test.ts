import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import { takings } from '../../src/statements/store/takings.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, mchid } from './fixtures.js';
import { plansOf } from './plan.js';

const database = fileDatabase();
/** Has 20,000 paid orders, one in ten minutes, each tenth of them refunded a second later. */
const BUSY = mchid('1900000041');

beforeAll(() => onDatabase(database.url, placeMany));

async function placeMany(sql: Sql): Promise<void> {
  await sql`
    insert into orders (mchid, order_no, amount_fen, description, policy, body_hash, expires_in_seconds, expires_at, created_at)
    select ${BUSY}, 'busy-' || lpad(n::text, 8, '0'), 100, 'tea',
           '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 7200, 'epoch',
           ${CREATED_AT.toISOString()}::timestamptz + n * interval '10 min'
    from generate_series(1, 20000) n`;
  await sql`vacuum (analyze) orders`;
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
    select mchid, order_no, order_no, 1, 'native', 'wx', 'succeeded', order_no, 100 from orders`;
  await sql`vacuum (analyze) attempts`;
  await sql`update orders set state = 'paid', paid_attempt = order_no, paid_fen = 100, paid_at = created_at`;
  await sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, state,
                         created_at, succeeded_at)
    select mchid, order_no, order_no, order_no, 1, 100, 'shop', 'hash', 'succeeded', paid_at + interval '1 s', paid_at
    from orders where right(order_no, 1) = '0'`;
  for (const table of ['orders', 'attempts', 'refunds']) await sql.unsafe(`vacuum (analyze) ${table}`);
}

const HOUR_MS = 3_600_000;
const span = (hours: number) => ({
  ...{ mchid: BUSY, from: CREATED_AT, to: new Date(CREATED_AT.getTime() + hours * HOUR_MS) },
});

test('sums are those of the rows', async () => {
  // The last order that is in is the 599th, the last refund that of the 590th.
  expect(await takings(database.db, span(100), 'product')).toEqual([
    { kind: 'paid', group: 'native', count: 599, sumFen: 59_900 },
    { kind: 'refunded', group: 'native', count: 59, sumFen: 59 },
  ]);
  const days = await takings(database.db, span(30), 'day');
  expect(days.filter(({ kind }) => kind === 'paid').toSorted((a, b) => a.count - b.count)).toEqual([
    { kind: 'paid', group: '2026-03-01', count: 35, sumFen: 3_500 },
    { kind: 'paid', group: '2026-03-02', count: 144, sumFen: 14_400 },
  ]);
});

test.each(['day', 'product', 'appid'] as const)('takings of a day by %s read that day alone, by index', async (by) => {
  const [paid = [], refunded = []] = await plansOf(database, (db) => takings(db, span(24), by));
  const scans = { 'Node Type': 'Index Only Scan', 'Index Name': 'orders_list_paid' };
  expect(paid).toContainEqual(expect.objectContaining(scans));
  expect(refunded).toContainEqual(expect.objectContaining({ 'Index Name': 'refunds_list_accepted' }));
  expect([...paid, ...refunded].map((node) => node['Node Type'])).not.toContain('Seq Scan');
});
