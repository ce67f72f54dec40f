import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import { recordedOutcome } from '../../src/actions/store/unfinished.js';
import { bulkFailures, finishBulk, loadBulk, openBulkOrders, findUnfinishedBulks } from '../../src/bulk/store/bulk.js';
import { previewBulkOrders, type BulkFilter } from '../../src/bulk/store/choice.js';
import type { Db } from '../../src/db/connection.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { CREATED_AT, MCHID, orderNo } from './fixtures.js';
import { plansOf } from './plan.js';

const database = fileDatabase();
const BULK = '00000000-0000-4000-8000-000000000001';

/** 20,000 orders, of which one in a thousand can still be paid and is stuck; 2,000 bulks, one of all those orders. */
beforeAll(() => onDatabase(database.url, placeMany));

async function placeMany(sql: Sql): Promise<void> {
  await sql`
    insert into orders (mchid, order_no, state, closed_reason, closed_at, stuck_reason, stuck_since, amount_fen,
                        description, policy, body_hash, expires_in_seconds, expires_at, created_at)
    select ${MCHID}, 'busy-' || lpad(n::text, 8, '0'), case when closed then 'closed' else 'awaitingPayment' end,
           case when closed then 'expired' end, case when closed then timestamptz 'epoch' end,
           case when not closed then 'gateway_unreachable' end, case when not closed then timestamptz 'epoch' end,
           100, 'tea', '{}', 'hash', 60, 'epoch', timestamptz 'epoch' + n * interval '1 second'
    from generate_series(1, 20000) n, lateral (select n % 1000 <> 0 as closed) it`;
  await sql`
    insert into bulks (id, mchid, action, filter, reason, actor, created_at, finished_at)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, ${MCHID}, 'hold', '{}', 'x', 'Li Lei', 'epoch',
           case when n > 1 then timestamptz 'epoch' end
    from generate_series(1, 2000) n`;
  await sql`
    insert into bulk_orders (bulk_id, seq, order_no, outcome, finished_at)
    select ${BULK}, row_number() over (), order_no, outcome, case when outcome is not null then timestamptz 'epoch' end
    from orders, lateral (select case state when 'closed' then 'done' else null end as outcome) it`;
  for (const table of ['orders', 'bulks', 'bulk_orders']) await sql.unsafe(`vacuum (analyze) ${table}`);
}

const preview = (filter: BulkFilter) => (db: Db) => previewBulkOrders(db, { mchid: MCHID, action: 'hold', filter });

test.each<[string, (db: Db) => Promise<unknown>, string[]]>([
  // Several fit, and Postgres takes the smallest.
  ['all that can be paid', preview({}), []],
  ['what is stuck', preview({ stuckReason: 'gateway_unreachable' }), []],
  ['those of an hour', preview({ createdFrom: new Date(3_600_000), createdTo: new Date(7_200_000) }), []],
  ['those that were named', preview({ orderNos: ['busy-00000007', 'busy-00000008'] }), ['orders_pkey']],
  ['how far it is', (db) => loadBulk(db, BULK), ['bulks_pkey', 'bulk_orders_open', 'bulk_orders_failed']],
  ['what is open', (db) => openBulkOrders(db, BULK, 200), ['bulk_orders_open']],
  ['what failed', (db) => bulkFailures(db, BULK, 1_000), ['bulk_orders_failed']],
  ['whether it has ended', (db) => finishBulk(db, BULK, CREATED_AT), ['bulk_orders_open']],
  [
    'what it asked of an order',
    (db) => recordedOutcome(db, { bulkId: BULK, mchid: MCHID, orderNo: orderNo('busy-00000007') }),
    ['operator_actions_of_order'],
  ],
  ['bulks to start again', (db) => findUnfinishedBulks(db, CREATED_AT, 10), ['bulks_sweep']],
])('%s: found by index, however many there are', async (_what, run, indexes) => {
  const nodes = (await plansOf(database, run)).flat();

  const used = nodes.flatMap((node) => node['Index Name'] ?? []);
  expect(used).toEqual(expect.arrayContaining(indexes));
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
});
