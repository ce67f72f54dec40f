import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/connection.js';
import {
  openBulks,
  openRefunds,
  pendingApprovals,
  pendingEvents,
  readFigures,
  troubledRefunds,
  unfinishedNotifies,
  waitingOrders,
} from '../../src/figures/store/waiting.js';
import { paidFacts } from '../../src/orders/store/evidence.js';
import { stuckTotals } from '../../src/orders/store/list.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { MCHID, orderNo } from './fixtures.js';
import { planOf } from './plan.js';

const database = fileDatabase();

/** 20,000 orders that are over, with their refunds, events and notifies: one in a thousand still waits for something. */
beforeAll(() => onDatabase(database.url, placeMany));

async function placeMany(sql: Sql): Promise<void> {
  const known = (table: string) => sql.unsafe(`vacuum (analyze) ${table}`);
  await sql`
    insert into orders (mchid, order_no, state, closed_reason, closed_at, amount_fen, description, policy, body_hash,
                        expires_in_seconds, expires_at, created_at, stuck_reason, stuck_since)
    select ${MCHID}, 'many-' || lpad(n::text, 8, '0'), case when n % 1000 = 0 then 'awaitingPayment' else 'closed' end,
           case when n % 1000 = 0 then null else 'expired' end, case when n % 1000 = 0 then null else timestamptz 'epoch' end,
           100, 'tea', '{"latePayment":"refund","fulfilment":{"required":false}}', 'hash', 60,
           timestamptz 'epoch' + interval '2 hours', 'epoch', case when n % 2000 = 0 then 'close_unconfirmed' end,
           case when n % 2000 = 0 then timestamptz 'epoch' + interval '3 hours' end
    from generate_series(1, 20000) n`;
  await known('orders');
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
    select mchid, order_no, order_no, 1, 'native', 'wx', 'succeeded', order_no, 100 from orders`;
  await known('attempts');
  await sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash,
                         state, trouble, succeeded_at, created_at)
    select mchid, order_no || '-r', order_no, order_no, 30, 100, 'shop', 'hash',
           case when state = 'closed' then 'succeeded' else 'requested' end,
           case when stuck_reason is not null then 'merchant_balance' end,
           case when state = 'closed' then timestamptz 'epoch' end, 'epoch' from orders`;
  await sql`
    insert into merchant_events (mchid, order_no, type, body, status, delivered_at, created_at)
    select mchid, order_no, 'order.paid', '{}', case when state = 'closed' then 'delivered' else 'pending' end,
           'epoch', 'epoch' from orders`;
  await sql`
    insert into notify_inbox (mchid, protocol, kind, key, status, out_trade_no, order_no, evidence, serial_no, raw_body,
                              headers, received_at, signalled_at)
    select mchid, 'v3', 'payment', order_no, case when state = 'closed' then 'signalled' else 'verified' end, order_no,
           order_no, '{}', 'serial', '', '{}', 'epoch', case when state = 'closed' then timestamptz 'epoch' end from orders`;
  await sql`
    insert into bulks (id, mchid, action, filter, reason, actor, created_at, finished_at)
    select gen_random_uuid(), ${MCHID}, 'hold', '{}', 'why', 'who', 'epoch',
           case when n % 100 = 0 then null else timestamptz 'epoch' end
    from generate_series(1, 2000) n`;
  await sql`
    insert into bulk_orders (bulk_id, seq, order_no, outcome, finished_at)
    select id, n, 'many-' || n, case when finished_at is null and n = 1 then null else 'done' end,
           case when finished_at is null and n = 1 then null else timestamptz 'epoch' end
    from bulks, generate_series(1, 10) n`;
  await sql`
    insert into evidence (mchid, order_no, out_trade_no, transaction_id, source, appid, trade_type, amount_fen, currency, at)
    select mchid, order_no, order_no, order_no, source, 'wx', 'NATIVE', 100, 'CNY',
           timestamptz 'epoch' + case source when 'notify' then interval '1 hour' else interval '2 hours' end
    from orders, unnest(array['notify', 'query']) source`;
  await sql`
    insert into gateway_calls (mchid, order_no, out_trade_no, api, at, outcome, duration_ms)
    select mchid, order_no, order_no, api, 'epoch', 'ok', 1 from orders, unnest(array['prepay', 'query', 'query']) api`;
  const [shop, person] = ['0'.repeat(8), '1'.repeat(8)].map((start) => `${start}-0000-4000-8000-000000000000`);
  await sql`
    insert into api_keys (id, kind, name, mchids, hash, created_at)
    values (${shop ?? ''}, 'merchant', null, array[${MCHID}], 'shop', 'epoch'),
           (${person ?? ''}, 'operator', 'Li Lei', array[${MCHID}], 'person', 'epoch')`;
  await sql`
    insert into approvals (mchid, order_no, out_refund_no, amount_fen, body_hash, created_at, asked_by_key, status,
                           decided_at, decided_by_key, decided_by_name, decision_reason)
    select mchid, order_no, order_no || '-w', 10, 'hash', 'epoch', ${shop ?? ''}::uuid,
           case when state = 'closed' then 'approved' else 'pending' end,
           case when state = 'closed' then timestamptz 'epoch' end, case when state = 'closed' then ${person ?? ''}::uuid end,
           case when state = 'closed' then 'Li Lei' end, case when state = 'closed' then 'seen' end from orders`;
  const rest = [
    'approvals',
    'refunds',
    'merchant_events',
    'notify_inbox',
    'bulks',
    'bulk_orders',
    'evidence',
    'gateway_calls',
  ];
  for (const table of rest) await known(table);
}

test.each<[string, (db: Db) => Promise<unknown>, string]>([
  ['orders that wait', waitingOrders, 'orders_sweep_overdue'],
  ['stuck orders', stuckTotals, 'orders_(list_stuck|list_stuck_reason|stuck_oldest)'],
  ['refunds that are not settled', openRefunds, 'refunds_sweep'],
  ['refunds in trouble', troubledRefunds, 'refunds_sweep'],
  ['refunds to approve', pendingApprovals, 'approvals_(waiting|by_status)'],
  ['events to tell', pendingEvents, 'merchant_events_sweep'],
  ['notifies nobody was told of', unfinishedNotifies, 'notify_inbox_unfinished'],
  ['open bulks', openBulks, 'bulk_orders_open'],
])('%s: by an index that holds only them', async (_what, run, index) => {
  const nodes = await planOf(database, run);

  expect(nodes.flatMap((node) => node['Index Name'] ?? []).join()).toMatch(new RegExp(index));
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
});

test('the figures are what there is', async () => {
  const heap = { mchid: MCHID, oldestAt: new Date(0) };

  expect(await readFigures(database.db, 60_000)).toEqual({
    waiting: [{ ...heap, state: 'awaitingPayment', count: 20, firstDeadlineAt: new Date(7_200_000), sumFen: 2_000 }],
    stuck: [
      {
        mchid: MCHID,
        reason: 'close_unconfirmed',
        count: 10,
        atRiskFen: 1_000,
        waitingFen: 0,
        oldestAt: new Date(10_800_000),
      },
    ],
    refunds: [{ ...heap, state: 'requested', count: 20, sumFen: 600 }],
    troubledRefunds: [{ ...heap, trouble: 'merchant_balance', count: 10, sumFen: 300 }],
    approvals: [{ ...heap, count: 20, sumFen: 200 }],
    events: [{ ...heap, count: 20 }],
    inbox: [{ ...heap, kind: 'payment', status: 'verified', count: 20 }],
    bulks: [{ ...heap, count: 20, ordersLeft: 20 }],
    days: [],
    unfinishedDays: [],
    discrepancies: [],
    untoldDayEvents: [],
  });
});

test('figures that take too long are given up', async () => {
  await database.connection.sql.begin(async (sql) => {
    await sql`lock table bulks in access exclusive mode`;
    await expect(readFigures(database.db, 50)).rejects.toThrow('not available');
  });
});

test('of an order that was paid: when its notify came and how often WeChat Pay was asked', async () => {
  const ref = { mchid: MCHID, orderNo: orderNo('many-00000007') };

  expect(await paidFacts(database.db, ref)).toEqual({ notifiedAt: new Date(3_600_000), queries: 2 });
  const other = { ...ref, orderNo: orderNo('nobody-knows') };
  expect(await paidFacts(database.db, other)).toEqual({ notifiedAt: null, queries: 0 });
});
