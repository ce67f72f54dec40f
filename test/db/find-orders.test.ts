import { drizzle } from 'drizzle-orm/postgres-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { findOrders, type OrderSearch } from '../../src/orders/store/find.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { findRefunds } from '../../src/refunds/store/find.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, LATER, mchid, orderNo, paid } from './fixtures.js';
import { plansOf } from './plan.js';
import { moved, refundNo, reserved, succeeded } from './refunds.js';

const database = fileDatabase();
const SHOP = mchid('1900000051');
/** Has 20,000 orders of tea, every thousandth of it green, none of them in review. */
const BUSY = mchid('1900000052');

beforeAll(async () => {
  const placed = await database.place({
    ...{ mchid: SHOP, orderNo: orderNo('Cart_2026-0007'), description: '明前龙井, 礼盒装 ２５０克' },
    metadata: { name: 'Zoë', phone: '13800138000', deep: { list: ['c-88231', 17, true, null] }, long: 'x'.repeat(400) },
  });
  await projectOrder(database.db, paid(placed, '4200009'), LATER);
  const refund = await reserved(database.db, placed, {
    outRefundNo: refundNo('R-2026-9'),
    reason: '少发一件 broken cup',
  });
  await moved(database.db, refund, { ...succeeded(), refundId: '50300009' });
  await database.place({ mchid: SHOP, orderNo: orderNo('other-0001'), metadata: null, description: 'tea' });
  await onDatabase(database.url, async (sql) => {
    await sql`
      insert into orders (mchid, order_no, amount_fen, product, appid, description, policy, body_hash, expires_in_seconds, expires_at, created_at)
      select ${BUSY}, 'busy-' || lpad(n::text, 8, '0'), 100, 'native', 'wx01', case when n % 1000 = 0 then '绿茶 green tea' else '红茶 tea' end,
        '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 7200, ${LATER.toISOString()}::timestamptz,
        ${CREATED_AT.toISOString()}::timestamptz + n * interval '1 s' from generate_series(1, 20000) n`;
    for (const table of ['orders', 'search_terms', 'search_texts']) await sql.unsafe(`vacuum (analyze) ${table}`);
    await sql`
      insert into attempts (mchid, order_no, out_trade_no, number, product, appid)
      select mchid, order_no, order_no, 1, 'native', 'wx01' from orders where mchid = ${BUSY}`;
    await sql`vacuum (analyze) attempts`;
  });
});

async function found(q: string, change: Partial<OrderSearch> = {}) {
  const page = await findOrders(database.db, { mchids: [SHOP], limit: 50, q, ...change });
  if (page === 'bad_cursor') throw new Error(page);
  return page;
}

test.each([
  ...['Cart_2026-0007', 'cart', 'CART_20', '2026-00', '0007', '4200009', 'R-2026-9', '50300009'],
  ...[
    '明前龙井',
    '龙井',
    '前龙',
    '龙井 礼盒',
    '礼盒装 cart',
    '250',
    '２５0',
    'zoë',
    'zo',
    '138001',
    '8000',
    'c-88',
    '88231',
    '17 龙井',
  ],
])('an order is found by %j', async (q) => {
  const { items, nextCursor } = await found(q);
  expect(items.map((it) => it.orderNo)).toEqual(['Cart_2026-0007']);
  expect(nextCursor).toBeNull();
});

test.each([
  '龙前',
  '井龙',
  '龙井 tea',
  'art',
  '50克',
  '3800',
  'oë',
  'true',
  '420000',
  'R-2026',
  "'; drop",
  '%%',
  '__',
  '\\',
  '茶',
  'x'.repeat(64),
])('and not by %j', async (q) => {
  // What is over the first 256 characters of all metadata is no part of it.
  const { items } = await found(q);
  expect(items.map((it) => it.orderNo)).toEqual(q.startsWith('xxx') ? ['Cart_2026-0007'] : []);
});

test('what is found by number and by words is found once, and only where all else is so', async () => {
  expect((await found('Cart_2026-0007', { state: 'paid', amountFen: 1_200, paidFrom: LATER })).items).toHaveLength(1);
  const others = [
    { state: 'review' },
    { amountFen: 1 },
    { paidTo: LATER },
    { createdTo: CREATED_AT },
    { mchids: [BUSY] },
  ];
  for (const change of [...others, { stuckReason: 'any' }, { closedReason: 'expired' }, { appid: 'wx' }] as const)
    expect((await found('Cart_2026-0007', change as Partial<OrderSearch>)).items).toEqual([]);
});

test.each(['R-2026-9', 'r-20', '2026', '50300009', 'Cart_2026-0007', '少发', '一件', 'cup', 'broken 少发'])(
  'a refund is found by %j',
  async (q) => {
    const page = await findRefunds(database.db, { mchids: [SHOP], limit: 5, time: 'created', q });
    expect(page).toMatchObject({ items: [{ outRefundNo: 'R-2026-9' }], nextCursor: null });
    const none = await findRefunds(database.db, { mchids: [SHOP], limit: 5, time: 'created', q, state: 'rejected' });
    expect(none).toMatchObject({ items: [] });
  },
);

test('a reason that is given up finds nothing any more', async () => {
  const { sql } = database.connection;
  await sql`alter table refunds disable trigger refunds_guard`;
  await sql`update refunds set reason = null where mchid = ${SHOP}`;
  await sql`alter table refunds enable trigger refunds_guard`;
  const page = await findRefunds(database.db, { mchids: [SHOP], limit: 5, time: 'created', q: '少发' });
  expect(page).toMatchObject({ items: [] });
});

describe('with many orders', () => {
  const search = { mchids: [BUSY], limit: 50 } as const;

  test.each(['tea', '绿茶', '红茶 tea', 'green', '绿茶 红茶', 'nothing', 'busy-0000'])(
    'a page of %j reads no table from end to end',
    async (q) => {
      for (const state of [undefined, 'review'] as const)
        for (const nodes of await plansOf(database, (db) => findOrders(db, { ...search, q, state })))
          expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    },
  );

  test.each([
    ['tea', undefined],
    ['tea', 'review'],
    ['red tea', 'review'],
    ['绿茶 tea', undefined],
    ['busy-0000', 'paid'],
  ] as const)('a page of %j that are %j looks at no more rows than a page may', async (q, state) => {
    const read = await onDatabase(database.url, async (sql) => {
      const entries = async () => {
        await sql`select pg_stat_force_next_flush()`;
        const [row] = await sql<{ n: string }[]>`
          select idx_tup_read as n from pg_stat_user_indexes where indexrelname = 'search_terms_list'`;
        return Number(row?.n);
      };
      await entries();
      const before = await entries();
      await findOrders(drizzle(sql), { ...search, q, state });
      await entries();
      return (await entries()) - before;
    });
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThanOrEqual(2_001 + 2 * 201);
  });

  test('goes on from where looking ended, until all was looked at', async () => {
    let cursor: string | undefined;
    let [pages, green] = [0, 0];
    do {
      const page = await found('绿茶 tea', { ...search, cursor, limit: 7 });
      pages += 1;
      green += page.items.length;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect([pages, green]).toEqual([3, 20]);
    let empty = 0;
    do {
      const page = await found('tea', { ...search, state: 'review', cursor });
      expect(page.items).toEqual([]);
      expect(page.lookedBackTo === null).toBe(page.nextCursor === null);
      empty += 1;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    // 20,000 orders, of which a page looks at 500.
    expect(empty).toBe(40);
  });
});
