import { and, eq, gte, lte, ne, sql, type SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { bills } from '../../db/schema.js';
import { nextOf, type BillKind } from '../rules/bill-line.js';
import { mchidOf } from '../../db/stored-values.js';
import { parseBillDate, type BillDate, type Distrusted } from '../rules/day.js';

export type DayRef = { readonly mchid: Mchid; readonly date: BillDate };
/** As a row has it. */
export function dayRefOf({ mchid, date }: { readonly mchid: string; readonly date: string }): DayRef {
  const parsed = parseBillDate(date);
  if (!parsed.ok) throw new Error('A stored date is not valid');
  return { mchid: mchidOf(mchid), date: parsed.value };
}

export type BillRef = DayRef & { readonly kind: BillKind };

export type BillRecord = Omit<typeof bills.$inferSelect, 'mchid' | 'digest' | 'lastLine' | 'next'>;

/** Both ends included. */
export type DaySpan = { readonly mchid: Mchid; readonly from: BillDate; readonly to: BillDate };

export const isBill = ({ mchid, date, kind }: BillRef) =>
  and(eq(bills.mchid, mchid), eq(bills.date, date), eq(bills.kind, kind));

export const TRUSTED = { distrust: null, distrustWhy: null } as const;

/**
 * WeChat Pay has no such bill: nothing moved on that day (NO_STATEMENT_EXIST). One that was imported stays: a file that proved itself
 * is not undone by a later answer without one.
 */
export async function recordNoBill(db: Db | Tx, bill: BillRef, now: Date): Promise<void> {
  await replaced(db, bill, { state: 'none', ...TRUSTED, fetchedAt: now }, ne(bills.state, 'imported'));
}

/** The file cannot be read as a whole, and nothing of it counts, or it is `refused`; one that was imported stays as it is. */
export function recordDistrust(db: Db | Tx, bill: BillRef, distrusted: Distrusted, now: Date): Promise<void> {
  return withTransaction(db, async (tx) => {
    await replaced(tx, bill, { state: 'untrusted', ...distrusted, fetchedAt: now }, ne(bills.state, 'imported'));
    if (distrusted.distrust === 'refused') return;
    const isImported = and(isBill(bill), eq(bills.state, 'imported'));
    const kept = await tx.update(bills).set(distrusted).where(isImported).returning({ kind: bills.kind });
    if (kept.length > 0) await forgetNext(tx, bill);
  });
}

/** Of the file that was to take the place of an imported one nothing stays. */
export async function forgetNext(db: Db | Tx, bill: BillRef): Promise<void> {
  const { mchid, date, kind } = bill;
  await db.update(bills).set({ next: null }).where(isBill(bill));
  await db.execute(sql`select empty_bill(${mchid}, ${date}::date, ${nextOf(kind)})`);
}

/** Lines of an earlier file stay in their table, where nothing reads them until the next import removes them. */
async function replaced(
  db: Db | Tx,
  { mchid, date, kind }: BillRef,
  change: Pick<typeof bills.$inferInsert, 'state' | 'distrust' | 'distrustWhy' | 'fetchedAt'>,
  isReplaced: SQL,
): Promise<void> {
  const row = { ...change, sha1: null, lines: 0, lastLine: 0, digest: null, summary: null };
  await db
    .insert(bills)
    .values({ mchid, date, kind, ...row })
    .onConflictDoUpdate({
      target: [bills.mchid, bills.date, bills.kind],
      set: row,
      setWhere: isReplaced,
    });
}

/** What is known of the bills of these days; one that nobody asked for yet is not among them. */
export async function loadBills(db: Db | Tx, { mchid, from, to }: DaySpan): Promise<BillRecord[]> {
  const { date, kind, state, distrust, distrustWhy, sha1, lines, summary, fetchedAt } = bills;
  return db
    .select({ date, kind, state, distrust, distrustWhy, sha1, lines, summary, fetchedAt })
    .from(bills)
    .where(and(eq(bills.mchid, mchid), gte(date, from), lte(date, to)))
    .orderBy(date, sql`${bills.kind} desc`);
}
