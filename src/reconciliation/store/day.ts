import { and, asc, desc, eq, getTableColumns, gt, gte, isNull, lt, lte, ne, sql } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { reconciliations, reconciliationSums } from '../../db/schema.js';
import { claimed, SWEPT_NOW } from '../../db/unfinished.js';
import type { BillDate, DayWait } from '../rules/day.js';
import { dayRefOf, loadBills, type BillRecord, type DayRef, type DaySpan } from './bill.js';
import { openCounts, type OpenCount } from './discrepancies.js';

const { sweptAt, ...columns } = getTableColumns(reconciliations);

export type DayRecord = Omit<typeof reconciliations.$inferSelect, 'mchid' | 'date' | 'sweptAt'> & DayRef;

/** Begins a run of a day, or joins the one that has not ended. */
export function openDay(
  db: Db | Tx,
  { mchid, date, askedBy, now }: DayRef & { readonly askedBy: string | null; readonly now: Date },
): Promise<{ readonly day: DayRecord; readonly isNew: boolean }> {
  return withTransaction(db, async (tx) => {
    const begun = { state: 'waiting', askedBy, startedAt: now } as const;
    const added = await tx
      .insert(reconciliations)
      .values({ mchid, date, ...begun })
      .onConflictDoNothing()
      .returning(columns);
    const again = { ...NOT_WAITING, failure: null, finishedAt: null, run: sql`${reconciliations.run} + 1` };
    const [row] =
      added.length > 0
        ? added
        : await tx
            .update(reconciliations)
            .set({ ...begun, ...again })
            .where(and(isDay({ mchid, date }), sql`${reconciliations.finishedAt} is not null`))
            .returning(columns);
    const [standing] = row ? [row] : await tx.select(columns).from(reconciliations).where(isDay({ mchid, date }));
    if (standing === undefined) throw new Error('A day that was opened is not there');
    return { day: dayRecord(standing), isNew: row !== undefined };
  });
}

export type Waiting = { readonly waitsFor: DayWait; readonly nextAt: Date | null; readonly now: Date };

/** Since when stays, while it waits for the same. Answers when the run was begun. */
export async function setWaiting(db: Db | Tx, day: DayRef, { waitsFor, nextAt, now }: Waiting): Promise<Date> {
  const since = sql`case when ${reconciliations.waitsFor} = ${waitsFor} then ${reconciliations.waitingSince}
    else ${now.toISOString()}::timestamptz end`;
  const [row] = await db
    .update(reconciliations)
    .set({ state: 'waiting', failure: null, waitsFor, waitingSince: since, nextAt })
    .where(and(isDay(day), isNull(reconciliations.finishedAt)))
    .returning({ startedAt: reconciliations.startedAt });
  return row?.startedAt ?? now;
}

/** The run ends with what matching said of the day. False where it had ended before, or nothing was said. */
export async function finishDay(db: Db | Tx, day: DayRef, now: Date): Promise<boolean> {
  const ended = await db
    .update(reconciliations)
    .set({ ...NOT_WAITING, finishedAt: now })
    .where(and(isDay(day), isNull(reconciliations.finishedAt), ne(reconciliations.state, 'waiting')))
    .returning({ run: reconciliations.run });
  return ended.length > 0;
}

const NOT_WAITING = { waitsFor: null, waitingSince: null, nextAt: null, stalledSince: null };

export type DaySum = Omit<typeof reconciliationSums.$inferSelect, 'mchid' | 'date'>;

export type DayDetail = DayRecord & {
  readonly bills: readonly Omit<BillRecord, 'date'>[];
  readonly sums: readonly DaySum[];
  readonly open: readonly Omit<OpenCount, 'date'>[];
};

/** With all that its page shows; no line is counted for it. */
export async function loadDay(db: Db | Tx, { mchid, date }: DayRef): Promise<DayDetail | undefined> {
  return (await loadDays(db, { mchid, from: date, to: date }))[0];
}

export async function isDayKnown(db: Db | Tx, day: DayRef): Promise<boolean> {
  const { date } = reconciliations;
  return (await db.select({ date }).from(reconciliations).where(isDay(day))).length > 0;
}

/** {@link listDays} with all that is shown of them, in four statements. */
export async function loadDays(db: Db | Tx, span: DaySpan): Promise<DayDetail[]> {
  const days = await listDays(db, span);
  const bills = await loadBills(db, span);
  const { mchid, ...sum } = getTableColumns(reconciliationSums);
  const { date, count, class: name, subject } = sum;
  const sums = await db
    .select(sum)
    .from(reconciliationSums)
    .where(and(eq(mchid, span.mchid), gte(date, span.from), lte(date, span.to), gt(count, 0)))
    .orderBy(asc(name), asc(subject));
  const open = await openCounts(db, span);
  return days.map((day) => ({ ...day, bills: of(day, bills), sums: of(day, sums), open: of(day, open) }));
}

const of = <Row extends { readonly date: string }>(day: DayRecord, rows: readonly Row[]): Omit<Row, 'date'>[] =>
  rows.filter((row) => row.date === day.date).map(({ date, ...row }) => row);

/** Of one merchant, the latest first; both ends included. */
export async function listDays(db: Db | Tx, { mchid, from, to }: DaySpan): Promise<DayRecord[]> {
  const { date } = reconciliations;
  const rows = await db
    .select(columns)
    .from(reconciliations)
    .where(and(eq(reconciliations.mchid, mchid), gte(date, from), lte(date, to)))
    .orderBy(desc(date));
  return rows.map(dayRecord);
}

/**
 * Of these merchants and days, those that no run was ever begun for, the latest first. Before its first order here a merchant's bills
 * are of other systems only.
 */
export async function findDaysNotBegun(
  db: Db,
  mchids: readonly Mchid[],
  { from, to }: { readonly from: BillDate; readonly to: BillDate },
  limit: number,
): Promise<DayRef[]> {
  if (mchids.length === 0) return [];
  const merchants = sql.join(
    mchids.map((mchid) => sql`(${mchid})`),
    sql`, `,
  );
  const rows = await db.execute<{ mchid: string; date: string }>(sql`
    select m.mchid, d.date::date::text as date from (values ${merchants}) m(mchid)
      cross join lateral (select o.created_at from orders o where o.mchid = m.mchid order by o.created_at limit 1) first
      cross join generate_series(greatest(${from}::date, (first.created_at at time zone 'Asia/Shanghai')::date), ${to}::date,
        interval '1 day') d(date)
    where not exists (select from reconciliations r where r.mchid = m.mchid and r.date = d.date::date)
    order by d.date desc, m.mchid limit ${limit}`);
  return rows.map(dayRefOf);
}

/** Whether the workflow of the run that is under way cannot go on, as the sweep found. */
export async function markDayStalled(db: Db | Tx, day: DayRef, isStalled: boolean, now: Date): Promise<void> {
  await db
    .update(reconciliations)
    .set({ stalledSince: isStalled ? now : null })
    .where(and(isDay(day), isNull(reconciliations.finishedAt)));
}

export type UnfinishedDay = DayRef & { readonly isStalled: boolean };

/** Days whose run has not ended: their workflow may be gone, or unable to go on. */
export async function findUnfinishedDays(db: Db, startedBefore: Date, limit: number): Promise<UnfinishedDay[]> {
  const isDue = and(isNull(reconciliations.finishedAt), lt(reconciliations.startedAt, startedBefore));
  const key = [reconciliations.mchid, reconciliations.date];
  const rows = await db
    .update(reconciliations)
    .set(SWEPT_NOW)
    .where(claimed(reconciliations, key, { isDue, since: reconciliations.startedAt, limit }))
    .returning({ mchid: reconciliations.mchid, date: reconciliations.date, since: reconciliations.stalledSince });
  return rows.map(({ since, ...row }) => ({ ...dayRefOf(row), isStalled: since !== null }));
}

const isDay = ({ mchid, date }: DayRef) => and(eq(reconciliations.mchid, mchid), eq(reconciliations.date, date));

type Row = Omit<DayRecord, 'mchid' | 'date'> & { readonly mchid: string; readonly date: string };

/** What matching said is the day's state once its run has ended: until then it may be repaired. */
const dayRecord = (row: Row): DayRecord => ({
  ...row,
  ...dayRefOf(row),
  ...(row.finishedAt === null ? UNDER_WAY : {}),
});

const UNDER_WAY = { state: 'waiting', failure: null } as const;
