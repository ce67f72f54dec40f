import type { Sql } from 'postgres';
import { beforeAll, expect, test } from 'vitest';
import { loadCalendar, MANY_OPEN } from '../../../src/reconciliation/store/calendar.js';
import { readBillLines } from '../../../src/reconciliation/store/bill-lines.js';
import { fileDatabase } from '../../db/database.js';
import { mchid } from '../../db/fixtures.js';
import { planOf } from '../../db/plan.js';
import { onDatabase } from '../../support/services.js';
import { day, lineOf, on, payment, reconcile } from '../books.js';

const database = fileDatabase();
const BUSY = mchid('1900000051');
const MAY = { mchid: BUSY, from: day('2026-05-01'), to: day('2026-05-31') };

/** 90 days from 2026-03-03 on; on each fifth 2,000 discrepancies, of which each second is open, on 2026-05-02 all. */
async function differOften(sql: Sql): Promise<void> {
  await sql`
    insert into reconciliations (mchid, date, state, started_at, finished_at)
    select ${BUSY}, '2026-03-03'::date + n, case when n % 5 = 0 then 'differs' else 'balanced' end, 'epoch', 'epoch'
    from generate_series(0, 89) n`;
  await sql`
    insert into discrepancies (mchid, date, class, subject_key, subject, differences, opened_at, status, closed_at, closed_by, reason)
    select r.mchid, r.date, 'foreign', 'payment:' || r.date || n, 'payment', '{}', 'epoch',
      case when it.is_open then 'open' else 'accepted' end, case when it.is_open then null else 'epoch'::timestamptz end,
      case when it.is_open then null else 'Li Lei' end, case when it.is_open then null else 'ours' end
    from reconciliations r cross join generate_series(1, 2000) n
      cross join lateral (select n % 4 = 0 or r.date = '2026-05-02' as is_open) it
    where r.state = 'differs'`;
  for (const table of ['reconciliations', 'discrepancies']) await sql.unsafe(`vacuum (analyze) ${table}`);
}

beforeAll(() => onDatabase(database.url, differOften));

test('a month has its days alone, and what of each is open, as far as anybody counts', async () => {
  const days = await loadCalendar(database.db, MAY);
  expect(days.length).toBe(31);
  const differing = days.filter((it) => it.state === 'differs').toSorted((a, b) => (a.date < b.date ? -1 : 1));
  expect(differing.map(({ date, open }) => [date, open])).toEqual([
    ['2026-05-02', MANY_OPEN],
    ...['2026-05-07', '2026-05-12', '2026-05-17', '2026-05-22', '2026-05-27'].map((date) => [date, 500]),
  ]);
  expect(days.every((it) => it.state === 'differs' || it.open === 0)).toBe(true);
  expect(await loadCalendar(database.db, { ...MAY, mchid: mchid('1900000052') })).toEqual([]);
});

test('counts in an index, and reads no discrepancy for it', async () => {
  const nodes = await planOf(database, (db) => loadCalendar(db, MAY));
  const scans = { 'Node Type': 'Index Only Scan', 'Index Name': 'discrepancies_list_status' };
  expect(nodes).toContainEqual(expect.objectContaining(scans));
  expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan').length).toBeLessThanOrEqual(1);
});

test("a bill's next lines are found by their number, whatever number is the last", async () => {
  const date = day('2026-04-01');
  const trade = Array.from({ length: 5_000 }, () => lineOf(payment({ at: on(date), mchid: BUSY })));
  await reconcile(database, date, { mchid: BUSY, trade });
  await database.connection.sql`vacuum (analyze) bill_lines`;
  const [bill] = await database.connection.sql<{ sha1: string }[]>`select sha1 from bills where mchid = ${BUSY}`;
  const read = { sha1: bill?.sha1 ?? '', after: 4_900, limit: 10 };
  const ref = { mchid: BUSY, date, kind: 'trade' } as const;
  const lines = await readBillLines(database.db, ref, read);
  expect(lines.map(({ lineNo }) => lineNo)).toEqual(Array.from({ length: 10 }, (_, n) => 4_901 + n));
  expect(await readBillLines(database.db, ref, { ...read, sha1: '0'.repeat(40) })).toEqual([]);
  const nodes = await planOf(database, (db) => readBillLines(db, ref, read));
  expect(nodes.map((node) => node['Node Type'])).not.toContain('Sort');
  expect(nodes.filter((node) => /bill_lines.*_pkey/.test(node['Index Name'] ?? ''))).toHaveLength(1);
});
