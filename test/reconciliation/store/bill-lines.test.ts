import { expect, test } from 'vitest';
import { readBillLines } from '../../../src/reconciliation/store/bill-lines.js';
import { fileDatabase } from '../../db/database.js';
import { mchid } from '../../db/fixtures.js';
import { planOf } from '../../db/plan.js';
import { day, lineOf, on, payment, reconcile } from '../books.js';

const database = fileDatabase();
const BUSY = mchid('1900000051');

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
