import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import { listOrders, type OrderFilter, type OrderPage } from '../../src/orders/store/list.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { closed, CREATED_AT, fen, LATER, mchid, orderNo, paid, projectionOf } from './fixtures.js';
import { plansOf } from './plan.js';
import { reserved, standing } from './refunds.js';

const database = fileDatabase();
/** Has the twelve orders of the first tests. */
const SHOP = mchid('1900000011');
/** Has 20,000 orders, every hundredth of which is stuck. */
const BUSY = mchid('1900000012');

const placed: OrderRecord[] = [];

beforeAll(async () => {
  for (let index = 0; index < 12; index += 1) {
    // Three at a time in one millisecond: only the number tells them apart.
    const createdAt = new Date(CREATED_AT.getTime() + Math.floor(index / 3));
    const number = orderNo(`list-${String(index).padStart(4, '0')}`);
    placed.unshift(await database.place({ mchid: SHOP, orderNo: number, createdAt }));
  }
  await project(0, (record) => projectionOf(record, { stuckReason: 'gateway_unreachable' }));
  await project(4, (record) => projectionOf(record, { stuckReason: 'merchant_config' }));
  await project(5, (record) => projectionOf(record, { state: 'awaitingPayment', stuckReason: 'merchant_config' }));
  await project(7, paid);
  await project(8, (record) => closed(record));
  // No statement is too slow to prepare a test.
  await onDatabase(database.url, placeMany);
});

async function project(index: number, change: (record: OrderRecord) => ReturnType<typeof paid>): Promise<void> {
  const standing = placed[index];
  if (standing === undefined) throw new Error('placed');
  placed[index] = (await projectOrder(database.db, change(standing), LATER)).record;
}

async function placeMany(sql: Sql): Promise<void> {
  await sql`
    insert into orders (mchid, order_no, state, closed_reason, closed_at, stuck_reason, stuck_since, amount_fen,
                        description, policy, body_hash, expires_in_seconds, expires_at, created_at)
    select ${BUSY}, 'busy-' || lpad(n::text, 8, '0'),
           case when n % 10 = 0 then 'creating' else 'closed' end,
           case when n % 10 = 0 then null else 'expired' end,
           case when n % 10 = 0 then null else now() end,
           case when n % 100 = 0 then case when n % 5000 = 0 then 'merchant_config' else 'gateway_unreachable' end end,
           case when n % 100 = 0 then now() end,
           100 + n % 300, 'tea', '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 7200,
           ${LATER.toISOString()}::timestamptz, ${CREATED_AT.toISOString()}::timestamptz + n * interval '1 s'
    from generate_series(1, 20000) n`;
  // Before what refers to them: the plan that looks an order up was made while there were only a few.
  await sql`vacuum (analyze) orders`;
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
    select mchid, order_no, order_no, 1, 'native', 'wx', 'succeeded', order_no, 100 from orders where mchid = ${BUSY}`;
  await sql`vacuum (analyze) attempts`;
  await sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, created_at)
    select mchid, order_no || '-' || n, order_no, order_no, 1, 100, 'shop', 'hash', now()
    from orders, generate_series(1, 2) n where mchid = ${BUSY} and order_no like '%0'`;
  await sql`
    insert into merchant_events (mchid, order_no, type, body, created_at)
    select mchid, order_no, 'order.paid', '{}', now() from orders where mchid = ${BUSY} and order_no like '%5'`;
  await sql`vacuum (analyze) refunds`;
  await sql`vacuum (analyze) merchant_events`;
  await sql`vacuum (analyze) attempts`;
}

async function page(filter: Partial<OrderFilter>): Promise<OrderPage> {
  const answer = await listOrders(database.db, { mchids: [SHOP], limit: 50, ...filter });
  if (answer === 'bad_cursor') throw new Error(answer);
  return answer;
}

const numbers = ({ items }: OrderPage): string[] => items.map((item) => item.orderNo);
const at = (ms: number): Date => new Date(CREATED_AT.getTime() + ms);

test('orders are listed newest first, whole', async () => {
  expect(await page({})).toEqual({ items: placed, nextCursor: null });
});

test.each([1, 2, 5, 11, 12, 13])('pages of %i hold every order once', async (limit) => {
  const seen: OrderRecord[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await page({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(items.length).toBeLessThanOrEqual(limit);
    seen.push(...items);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);

  expect(seen).toEqual(placed);
});

test('a page goes on where the last one ended, whatever was placed since', async () => {
  const merchant = mchid('1900000013');
  for (const ms of [1, 2, 3]) await database.place({ mchid: merchant, createdAt: at(ms) });
  const first = await page({ mchids: [merchant], limit: 2 });
  await database.place({ mchid: merchant, createdAt: at(9) });

  const second = await page({ mchids: [merchant], limit: 2, cursor: first.nextCursor ?? '' });

  expect(second.items.map((item) => item.createdAt)).toEqual([at(1)]);
});

test.each<[string, Partial<OrderFilter>, (record: OrderRecord) => boolean]>([
  ['a state', { state: 'awaitingPayment' }, (it) => it.state === 'awaitingPayment'],
  ['a reason for being stuck', { stuckReason: 'merchant_config' }, (it) => it.stuckReason === 'merchant_config'],
  ['whatever is stuck', { stuckReason: 'any' }, (it) => it.stuckReason !== null],
  [
    'a state and a reason',
    { state: 'creating', stuckReason: 'merchant_config' },
    (it) => it.state === 'creating' && it.stuckReason === 'merchant_config',
  ],
  ['a time from, inclusive', { createdFrom: at(2) }, (it) => it.createdAt >= at(2)],
  ['a time to, exclusive', { createdTo: at(2) }, (it) => it.createdAt < at(2)],
  ['an amount', { amountFen: 1_200, createdFrom: at(2) }, (it) => it.createdAt >= at(2)],
  ['an amount and a state', { amountFen: 1_200, state: 'paid' }, (it) => it.state === 'paid'],
  ['an amount that none has', { amountFen: 1_201 }, () => false],
  ['how it was closed', { closedReason: 'expired' }, (it) => it.closedReason === 'expired'],
  ['how none was closed', { closedReason: 'rejected' }, () => false],
  ['several merchants', { mchids: [mchid('1900000099'), SHOP] }, () => true],
  ['another merchant', { mchids: [mchid('1900000099')] }, () => false],
])('the list can be limited to %s', async (_what, filter, fits) => {
  expect((await page(filter)).items).toEqual(placed.filter(fits));
});

test('an order with several attempts is listed once, and counts once', async () => {
  const merchant = mchid('1900000014');
  const order = await database.place({ mchid: merchant });
  await database.place({ mchid: merchant, createdAt: at(5) });
  await database.connection.sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid)
    select ${merchant}, ${order.orderNo}, ${order.orderNo} || '*' || n, n, 'app', 'wx' from generate_series(2, 5) n`;

  const all = await page({ mchids: [merchant], limit: 2 });

  expect(all.items).toHaveLength(2);
  expect(all.items[1]?.attempts.map((attempt) => attempt.number)).toEqual([1, 2, 3, 4, 5]);
  expect(all.nextCursor).toBeNull();
});

test('an order with several refunds is listed once, and so are they', async () => {
  const merchant = mchid('1900000015');
  const order = await database.place({ mchid: merchant });
  await database.place({ mchid: merchant, createdAt: at(5) });
  await projectOrder(database.db, paid(order), LATER);
  const refunds = [
    await reserved(database.db, order, { amountFen: fen(1) }),
    await reserved(database.db, order, { amountFen: fen(2) }),
  ];

  const all = await page({ mchids: [merchant], limit: 2 });

  expect(all.items.map((item) => item.refunds)).toEqual([[], refunds]);
  expect(all.items[1]).toEqual(await standing(database.db, order));
  expect(all.items[1]?.paidEvent).toEqual({ status: 'pending', deliveredAt: null });
});

test.each(['', 'x', 'bm9wZQ', Buffer.from('9999999999999999 list-0001').toString('base64url')])(
  'the cursor "%s" is one that no page gave',
  async (cursor) => {
    expect(await listOrders(database.db, { mchids: [SHOP], limit: 5, cursor })).toBe('bad_cursor');
  },
);

test.each<[string, Partial<OrderFilter>]>([
  ['orders_list', {}],
  ['orders_list', { createdFrom: at(1_000_000), createdTo: at(9_000_000) }],
  ['orders_list_state', { state: 'creating' }],
  ['orders_list_amount', { amountFen: 110, state: 'creating' }],
  ['orders_list_amount', { amountFen: 111, state: 'closed', createdFrom: at(1_000_000) }],
  ['orders_list_closed', { closedReason: 'expired' }],
  ['orders_list_stuck', { stuckReason: 'any' }],
  ['orders_list_stuck_reason', { stuckReason: 'merchant_config' }],
])('a page is read from the index %s alone, in its order (%j)', async (index, filter) => {
  for (const cursor of [undefined, (await page({ mchids: [BUSY], limit: 1, ...filter })).nextCursor ?? undefined]) {
    const continued = { ...filter, ...(cursor === undefined ? {} : { cursor }) };
    for (const nodes of await plansOf(database, (db) => listOrders(db, { mchids: [BUSY], limit: 50, ...continued }))) {
      expect(nodes).toContainEqual(expect.objectContaining({ 'Node Type': 'Index Only Scan', 'Index Name': index }));
      expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
      expect(nodes.filter((node) => /Sort|Hash|Bitmap/.test(node['Node Type']))).toEqual([]);
    }
  }
});

test('a busy shop pages through what is stuck', async () => {
  const stuck = await page({ mchids: [BUSY], stuckReason: 'merchant_config', limit: 3 });

  expect(numbers(stuck)).toEqual(['busy-00020000', 'busy-00015000', 'busy-00010000']);
  expect(
    numbers(await page({ mchids: [BUSY], stuckReason: 'merchant_config', cursor: stuck.nextCursor ?? '' })),
  ).toEqual(['busy-00005000']);
});
