import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import type { Db } from '../../src/db/connection.js';
import { daysAfter } from '../../src/reconciliation/rules/day.js';
import { loadDays } from '../../src/reconciliation/store/day.js';
import { listDiscrepancies, loadDiscrepancy } from '../../src/reconciliation/store/discrepancies.js';
import { listLines } from '../../src/reconciliation/store/lines.js';
import { repairFor } from '../../src/reconciliation/store/repairs.js';
import { settlements } from '../../src/statements/store/settlements.js';
import { D } from '../reconciliation/books.js';
import { onDatabase } from '../support/services.js';
import { fileDatabase } from './database.js';
import { MCHID } from './fixtures.js';
import { plansOf } from './plan.js';

const database = fileDatabase();
const ref = { mchid: MCHID, date: D };
const quarter = { mchid: MCHID, from: daysAfter(D, -91), to: D };

/** Days of three years with both bills, 20 discrepancies each, one in a thousand of them open; one day's bill has 20,000 lines. */
beforeAll(() => onDatabase(database.url, placeMany));

async function placeMany(sql: Sql): Promise<void> {
  await sql`
    insert into reconciliations (mchid, date, state, started_at, finished_at)
    select ${MCHID}, ${D}::date - n, 'balanced', 'epoch', 'epoch' from generate_series(0, 999) n`;
  await sql`
    insert into bills (mchid, date, kind, state, sha1, lines, last_line, summary, fetched_at)
    select mchid, date, kind, 'imported', repeat('0', 40), 1, 1, '{"feeMillifen":1000,"settledFen":5,"refundSettledFen":0}', 'epoch'
    from reconciliations, unnest(array['trade', 'fundflow']) kind`;
  await sql`
    insert into reconciliation_sums (mchid, date, class, subject, is_discrepant, count, bill_fen, own_fen)
    select mchid, date, class, 'payment', false, 1, 1, 1 from reconciliations, unnest(array['matched', 'expected', 'foreign']) class`;
  await sql`
    insert into discrepancies (mchid, date, class, subject_key, subject, differences, status, opened_at, closed_at, closed_by, reason)
    select mchid, date, case n when 1 then 'foreign' else 'amount' end, 'payment:' || date || n, 'payment', '{}',
      case when is_open then 'open' else 'accepted' end, 'epoch', case when not is_open then timestamptz 'epoch' end,
      case when not is_open then 'Li Lei' end, case when not is_open then 'seen' end
    from reconciliations, generate_series(1, 20) n, lateral (select n = 2 and extract(day from date) = 10 as is_open) it`;
  await sql`select empty_bill(${MCHID}, ${D}::date, 'trade')`;
  await sql`
    insert into bill_lines (mchid, date, kind, line_no, type, at, number, appid, out_trade_no, transaction_id, trade_type, amount_fen, class)
    select ${MCHID}, ${D}::date, 'trade', n, 'payment', 'epoch', 'tx-' || n, 'wx', 'order-' || n, 'tx-' || n, 'NATIVE', 100,
      case when n % 1000 = 0 then 'foreign' end
    from generate_series(1, 20000) n`;
  await sql`
    insert into reconciliation_pool (mchid, date, subject_key, subject, own_fen, at)
    select mchid, date, 'payment:' || n, 'payment', 1, 'epoch' from reconciliations, generate_series(1, 5) n`;
  for (const table of [
    'reconciliations',
    'bills',
    'reconciliation_sums',
    'discrepancies',
    'bill_lines',
    'reconciliation_pool',
  ])
    await sql.unsafe(`vacuum (analyze) ${table}`);
}

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const list = (filter: object) => (db: Db) => listDiscrepancies(db, { mchids: [MCHID], limit: 50, ...filter });
const month = { from: daysAfter(D, -30), to: D };

test.each<[string, (db: Db) => Promise<unknown>, readonly string[]]>([
  [
    'days of a quarter',
    (db) => loadDays(db, quarter),
    ['reconciliations_pkey', 'bills_pkey', 'reconciliation_sums_pkey'],
  ],
  ['fees of a quarter', (db) => settlements(db, quarter), ['bills_pkey']],
  ['all discrepancies', list({}), ['discrepancies_list']],
  ['those of a month', list(month), ['discrepancies_list']],
  ['open ones', list({ status: 'open' }), ['discrepancies_list_status']],
  ['open ones of a month', list({ status: 'open', ...month }), ['discrepancies_list_status']],
  ['those of a class', list({ class: 'foreign' }), ['discrepancies_list_class']],
  ['one discrepancy', (db) => loadDiscrepancy(db, [MCHID], ID), ['discrepancies_pkey']],
  ['what is asked about it', (db) => repairFor(db, ID), ['discrepancies_pkey']],
  ['lines that agree', (db) => listLines(db, ref, { class: 'matched', limit: 50 }), []],
  ['lines of nobody here', (db) => listLines(db, ref, { class: 'foreign', limit: 50 }), []],
  ['lines of all classes', (db) => listLines(db, ref, { limit: 50 }), []],
])('%s: found by index, however many there are', async (_what, run, indexes) => {
  const nodes = (await plansOf(database, run)).flat();
  const used = nodes.flatMap((node) => node['Index Name'] ?? []);
  for (const index of indexes) expect(used).toContain(index);
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
});
