import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/connection.js';
import { lastEvent, readEventLog, type LogFilter } from '../../src/shop-events/store/log.js';
import { eventsOfOrders, listEvents, pendingEvents } from '../../src/shop-events/store/outbox.js';
import { callsOfOrders } from '../../src/orders/store/heard.js';
import { loadOrder } from '../../src/orders/store/order.js';
import { loadRefund } from '../../src/refunds/store/record.js';
import { knownRefunds } from '../../src/refunds/store/apply.js';
import { searchOrders } from '../../src/search/store/search.js';
import { findLateRefunds, findRequestedRefunds } from '../../src/refunds/store/sweep.js';
import { findUndeliveredEvents } from '../../src/shop-events/store/delivery.js';
import { findLateOrders, findUndone } from '../../src/orders/store/sweep.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, mchid, MCHID, orderNo } from './fixtures.js';
import { plansOf } from './plan.js';
import { refundNo } from './refunds.js';

const database = fileDatabase();
const ref = { mchid: MCHID, orderNo: orderNo('busy-00000007') };

const aPage = Array.from({ length: 25 }, (_, n) => ({
  mchid: MCHID,
  orderNo: orderNo(`busy-${String(n + 1).padStart(8, '0')}`),
}));

/** 20,000 orders, each refunded and told: one in a thousand still waits for something. */
beforeAll(() => onDatabase(database.url, placeMany));

async function placeMany(sql: Sql): Promise<void> {
  // Before what refers to it: the plan that looks a row up was made while there were only a few.
  const known = (table: string) => sql.unsafe(`vacuum (analyze) ${table}`);
  await sql`
    insert into orders (mchid, order_no, state, closed_reason, closed_at, amount_fen, description, policy, body_hash,
                        expires_in_seconds, expires_at, created_at, due_at, next_due_at)
    select ${MCHID}, 'busy-' || lpad(n::text, 8, '0'), 'closed', 'expired', 'epoch', 100, 'tea',
           '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 60,
           'epoch', 'epoch', case when n % 1000 = 0 then timestamptz 'epoch' end,
           case when n % 1000 = 0 then timestamptz 'epoch' end
    from generate_series(1, 20000) n`;
  await known('orders');
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
    select mchid, order_no, order_no, 1, 'native', 'wx', 'succeeded', order_no, 100 from orders`;
  await known('attempts');
  await sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash,
                         state, succeeded_at, created_at, next_due_at)
    select mchid, order_no || '-r', order_no, order_no, 1, 100, 'shop', 'hash',
           case when due_at is null then 'succeeded' else 'requested' end,
           case when due_at is null then timestamptz 'epoch' end, 'epoch', next_due_at from orders`;
  await sql`
    insert into gateway_calls (mchid, order_no, out_trade_no, api, at, outcome, duration_ms)
    select mchid, order_no, order_no, 'query', 'epoch', 'notPaid', 1 from orders`;
  await sql`
    insert into merchant_events (mchid, order_no, type, body, status, delivered_at, created_at)
    select mchid, order_no, 'order.paid', '{}', case when due_at is null then 'delivered' else 'pending' end,
           'epoch', 'epoch' from orders`;
  await sql`insert into deliveries (event_id, at, status, outcome, duration_ms) select id, 'epoch', 200, 'delivered', 1 from merchant_events`;
  for (const table of ['attempts', 'refunds', 'gateway_calls', 'merchant_events', 'deliveries']) await known(table);
}

/** From the middle on, as a reader goes who has half of them. */
const pageOfLog =
  (filter: Partial<LogFilter> = {}) =>
  (db: Db) =>
    readEventLog(db, { mchid: MCHID, ...filter }, { after: 30_000, limit: 50 });

test.each<[string, (db: Db) => Promise<unknown>, string[]]>([
  ['an order', (db) => loadOrder(db, ref), ['orders_pkey', 'refunds_of_attempt', 'merchant_events_paid_key']],
  [
    'what is to tell of an order',
    (db) => pendingEvents(db, { ...ref, outRefundNo: null }),
    ['merchant_events_of_order', 'deliveries_pkey'],
  ],
  ['the events of an order', (db) => listEvents(db, ref), ['merchant_events_of_order', 'deliveries_pkey']],
  [
    'the events of a page of orders',
    (db) => eventsOfOrders(db, aPage),
    ['merchant_events_of_order', 'deliveries_pkey'],
  ],
  ['the calls of a page of orders', (db) => callsOfOrders(db, aPage, CREATED_AT), ['gateway_calls_of_order']],
  ['a refund', (db) => loadRefund(db, { mchid: MCHID, outRefundNo: refundNo('x') }), ['refunds_pkey']],
  [
    'whether an attempt is refunded',
    (db) => knownRefunds(db, { mchid: MCHID, outTradeNo: nthOutTradeNo(ref.orderNo, 1) }),
    ['refunds_of_attempt'],
  ],
  [
    'whose number this is',
    (db) => searchOrders(db, [MCHID, mchid('1900000077')], ref.orderNo),
    ['orders_pkey', 'attempts_pkey', 'attempts_transaction_key', 'refunds_pkey', 'refunds_of_refund_id'],
  ],
  ['orders with something left to do', (db) => findUndone(db, CREATED_AT, 10), ['orders_sweep_due']],
  [
    'orders whose next step is late, with their last call',
    (db) => findLateOrders(db, { dueBefore: CREATED_AT, now: CREATED_AT }, 10),
    ['orders_sweep_next_due', 'gateway_calls_of_order'],
  ],
  [
    'refunds whose next step is late',
    (db) => findLateRefunds(db, { dueBefore: CREATED_AT, now: CREATED_AT }, 10),
    ['refunds_sweep_next_due'],
  ],
  ['refunds to send', (db) => findRequestedRefunds(db, CREATED_AT, 10), ['refunds_sweep']],
  ['a page of what a shop is told', pageOfLog(), ['merchant_events_of_merchant']],
  ['a page of a type that there is none of', pageOfLog({ type: 'order.review' }), ['merchant_events_of_type']],
  ['what is told of one order', pageOfLog({ orderNo: ref.orderNo }), ['merchant_events_of_order']],
  ['the last of what a shop is told', (db) => lastEvent(db, MCHID), ['merchant_events_of_merchant']],
  ['events to tell', (db) => findUndeliveredEvents(db, CREATED_AT, 10), ['merchant_events_sweep']],
])('%s: found by index, however many there are', async (_what, run, indexes) => {
  const nodes = (await plansOf(database, run)).flat();

  const used = nodes.flatMap((node) => node['Index Name'] ?? []);
  expect(used).toEqual(expect.arrayContaining(indexes));
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
});
