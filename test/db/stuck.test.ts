import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import { projectOrder } from '../../src/orders/store/projection.js';
import { listStuckOrders, stuckTotals, type StuckFilter, type OrderPage } from '../../src/orders/store/list.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import type { StuckReason } from '../../src/orders/rules/states.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, fen, LATER, mchid, paid, projectionOf } from './fixtures.js';
import { planOf } from './plan.js';
import { moved, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();
const SHOP = mchid('1900000021');
const RISKY = mchid('1900000024');
const OTHER = mchid('1900000022');
/** Has 20,000 orders; every tenth is stuck, few of them on one of the reasons. */
const BUSY = mchid('1900000023');

/** Longest stuck first. */
const stuck: OrderRecord[] = [];

beforeAll(async () => {
  const reasons = ['merchant_config', 'gateway_unreachable', 'merchant_config', 'close_unconfirmed'] as const;
  for (const [index, reason] of reasons.entries()) stuck.push(await stick(reason, Math.floor(index / 2)));
  await database.place({ mchid: SHOP });
  await stick('gateway_unreachable', 0, { mchid: OTHER, amountFen: fen(7) });
  // No statement is too slow to prepare a test.
  await onDatabase(database.url, placeMany);
});

/** Placed later the longer it is stuck, so that one order cannot be taken for the other. */
async function stick(reason: StuckReason, minute: number, change = {}): Promise<OrderRecord> {
  const createdAt = new Date(CREATED_AT.getTime() - minute);
  const order = await database.place({ mchid: SHOP, createdAt, ...change });
  const since = new Date(CREATED_AT.getTime() + minute * 60_000);
  await projectOrder(database.db, projectionOf(order, { stuckReason: reason }), since);
  return standing(database.db, order);
}

async function placeMany(sql: Sql): Promise<void> {
  await sql`
    insert into orders (mchid, order_no, state, stuck_reason, stuck_since, amount_fen, description, policy, body_hash,
                        expires_in_seconds, expires_at, created_at)
    select ${BUSY}, 'busy-' || lpad(n::text, 8, '0'), 'awaitingPayment',
           case when n % 5000 = 0 then 'merchant_config' when n % 20 = 0 then 'gateway_unreachable'
                when n % 10 = 0 then 'close_unconfirmed' end,
           case when n % 10 = 0 then timestamptz 'epoch' + n * interval '1 s' end,
           100, 'tea', '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 60, 'epoch', 'epoch'
    from generate_series(1, 20000) n`;
  await sql`vacuum (analyze) orders`;
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid)
    select mchid, order_no, order_no, 1, 'native', 'wx' from orders where mchid = ${BUSY}`;
  await sql`vacuum (analyze) attempts`;
}

async function page(filter: Partial<StuckFilter> = {}): Promise<OrderPage> {
  const answer = await listStuckOrders(database.db, { mchids: [SHOP], limit: 50, ...filter });
  if (answer === 'bad_cursor') throw new Error(answer);
  return answer;
}

test('what is stuck longest comes first, whole, and nothing that is not stuck', async () => {
  expect(await page()).toEqual({ items: stuck, nextCursor: null });
});

test.each([1, 2, 3, 4, 5])('pages of %i hold each of them once', async (limit) => {
  const seen: OrderRecord[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await page({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(items.length).toBeLessThanOrEqual(limit);
    seen.push(...items);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);

  expect(seen).toEqual(stuck);
});

test('the list can be limited to a reason', async () => {
  const { items } = await page({ stuckReason: 'merchant_config' });

  expect(items).toEqual(stuck.filter((it) => it.stuckReason === 'merchant_config'));
});

test.each(['', 'x', 'bm9wZQ'])('the cursor "%s" is one that no page gave', async (cursor) => {
  expect(await listStuckOrders(database.db, { mchids: [SHOP], limit: 5, cursor })).toBe('bad_cursor');
});

const unpaid = (waitingFen: number) => ({ atRiskFen: 0, waitingFen });

test('at risk is what a query confirmed and is not back, or a notify claims: no order that nobody paid', async () => {
  const place = () => database.place({ mchid: RISKY });
  const stuckOn = (order: OrderRecord) =>
    projectionOf(order, { state: 'awaitingPayment', stuckReason: 'gateway_unreachable' });
  for (const claims of ['', 'notify', 'notify,bill']) {
    const order = await place();
    await projectOrder(database.db, stuckOn(order), LATER);
    await database.connection.sql`
      insert into evidence (mchid, order_no, out_trade_no, transaction_id, source, appid, trade_type, amount_fen, currency, at)
      select ${RISKY}, ${order.orderNo}, ${order.orderNo}, 'wx-claimed', source, 'wx', 'NATIVE', 900, 'CNY', now()
      from unnest(string_to_array(${claims}, ',')) source`;
  }
  const { record } = await projectOrder(
    database.db,
    { ...paid(await place()), stuckReason: 'gateway_unreachable' },
    LATER,
  );
  await moved(database.db, await reserved(database.db, record, { amountFen: fen(500) }), succeeded());

  const [total] = await stuckTotals(database.db, [RISKY]);

  expect(total).toMatchObject({ count: 4, atRiskFen: 900 + 900 + (1_200 - 500), waitingFen: 1_200 });
});

test('the totals say what is stuck on what, since when at the longest, and how much money', async () => {
  expect(await stuckTotals(database.db, [SHOP, OTHER])).toEqual([
    { mchid: SHOP, reason: 'gateway_unreachable', count: 1, ...unpaid(1_200), oldestAt: CREATED_AT },
    { mchid: SHOP, reason: 'merchant_config', count: 2, ...unpaid(2_400), oldestAt: CREATED_AT },
    { mchid: OTHER, reason: 'gateway_unreachable', count: 1, ...unpaid(7), oldestAt: CREATED_AT },
    {
      mchid: SHOP,
      reason: 'close_unconfirmed',
      count: 1,
      ...unpaid(1_200),
      oldestAt: new Date(CREATED_AT.getTime() + 60_000),
    },
  ]);
  expect(await stuckTotals(database.db, [])).toEqual([]);
});

test.each<[string, Partial<StuckFilter>]>([
  ['orders_stuck_oldest', {}],
  ['orders_stuck_oldest_reason', { stuckReason: 'merchant_config' }],
  ['orders_stuck_oldest_reason', { stuckReason: 'gateway_unreachable' }],
])('a page is read from the index %s alone, in its order (%j)', async (index, filter) => {
  for (const cursor of [undefined, (await page({ mchids: [BUSY], limit: 1, ...filter })).nextCursor ?? undefined]) {
    const continued = { ...filter, ...(cursor === undefined ? {} : { cursor }) };
    const nodes = await planOf(database, (db) => listStuckOrders(db, { mchids: [BUSY], limit: 50, ...continued }));

    expect(nodes).toContainEqual(expect.objectContaining({ 'Node Type': 'Index Only Scan', 'Index Name': index }));
    expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(nodes.filter((node) => /Sort|Hash|Bitmap/.test(node['Node Type']))).toEqual([]);
  }
});
