import { and, asc, desc, eq, gt, gte, inArray, isNotNull, lte, notInArray, sql, sum, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { decodeCursor, inOrder, pageOf, type Keyset } from '../../db/keyset.js';
import { discrepancies, reconciliations, reconciliationSums } from '../../db/schema.js';
import { isUuid, ROW_ID } from '../../db/stored-values.js';
import {
  isDiscrepancyClass,
  WARNINGS,
  type Decision,
  type DiscrepancyClass,
  type DiscrepancyStatus,
} from '../rules/classes.js';
import { startOf, type BillDate } from '../rules/day.js';
import { dayRefOf, type DayRef, type DaySpan } from './bill.js';
import { countDecided, judge } from './sums.js';

type Row = typeof discrepancies.$inferSelect;

export type DiscrepancyRecord = Omit<Row, 'mchid' | 'date' | 'differences'> &
  DayRef & { readonly differences: z.infer<typeof differencesSchema> };

export type DiscrepancyFilter = {
  readonly mchids: readonly Mchid[];
  readonly status?: DiscrepancyStatus | undefined;
  readonly class?: DiscrepancyClass | undefined;
  /** Days, both included. */
  readonly from?: BillDate | undefined;
  readonly to?: BillDate | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

export type DiscrepancyPage = { readonly items: DiscrepancyRecord[]; readonly nextCursor: string | null };

/** The latest day first. */
export async function listDiscrepancies(
  db: Db | Tx,
  filter: DiscrepancyFilter,
): Promise<DiscrepancyPage | 'bad_cursor'> {
  const { mchids, status, from, to, cursor, limit } = filter;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ROW_ID);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const { mchid, date, id } = discrepancies;
  const pageOfOne = (merchant: Mchid) =>
    db
      .select()
      .from(discrepancies)
      .where(
        and(
          eq(mchid, merchant),
          status && eq(discrepancies.status, status),
          filter.class && eq(discrepancies.class, filter.class),
          from && gte(date, from),
          to && lte(date, to),
          after && isPast(after),
        ),
      )
      .orderBy(desc(date), desc(id))
      .limit(limit + 1);
  const rows = (await Promise.all(mchids.map(pageOfOne))).flat().map(discrepancyRecord);
  const keyOf = (it: DiscrepancyRecord): Keyset => ({ at: startOf(it.date), id: it.id });
  return pageOf(inOrder(rows, keyOf), limit, { keyOf, itemOf: (it) => it });
}

const isPast = ({ at, id }: Keyset): SQL =>
  sql`(${discrepancies.date}, ${discrepancies.id}) < ((${at.toISOString()}::timestamptz at time zone 'Asia/Shanghai')::date, ${id}::uuid)`;

/** Of these merchants. */
export async function loadDiscrepancy(
  db: Db | Tx,
  mchids: readonly Mchid[],
  id: string,
): Promise<DiscrepancyRecord | undefined> {
  return (await loadDiscrepancies(db, mchids, [id]))[0];
}

export async function loadDiscrepancies(
  db: Db | Tx,
  mchids: readonly Mchid[],
  ids: readonly string[],
): Promise<DiscrepancyRecord[]> {
  const isOne = inArray(discrepancies.id, ids.filter(isUuid));
  const rows = await db
    .select()
    .from(discrepancies)
    .where(and(isOne, inArray(discrepancies.mchid, [...mchids])));
  return rows.map(discrepancyRecord);
}

export type Resolution = { readonly to: Decision; readonly by: string; readonly reason: string; readonly now: Date };

/** `not_open`: it was repaired or decided before, and stays as it is. The day is judged again. */
export function resolveDiscrepancy(
  db: Db | Tx,
  mchids: readonly Mchid[],
  id: string,
  { to, by, reason, now }: Resolution,
): Promise<DiscrepancyRecord | 'not_found' | 'not_open'> {
  return withTransaction(db, async (tx) => {
    const standing = await loadDiscrepancy(tx, mchids, id);
    if (standing === undefined) return 'not_found';
    const rows = await tx
      .update(discrepancies)
      .set({ status: to, closedAt: now, closedBy: by, reason })
      .where(and(eq(discrepancies.id, id), eq(discrepancies.status, 'open')))
      .returning();
    const [resolved] = rows.map(discrepancyRecord);
    if (resolved === undefined) return 'not_open';
    await countDecided(tx, resolved);
    await judge(tx, resolved, false);
    return resolved;
  });
}

export type Recheck = Omit<Resolution, 'to'>;

/** Keeps who has WeChat Pay asked again, and why. `not_open`: nothing is left to ask about. */
export function noteRecheck(
  db: Db | Tx,
  mchids: readonly Mchid[],
  id: string,
  { by, reason, now }: Recheck,
): Promise<DiscrepancyRecord | 'not_found' | 'not_open'> {
  return withTransaction(db, async (tx) => {
    if ((await loadDiscrepancy(tx, mchids, id)) === undefined) return 'not_found';
    const rows = await tx
      .update(discrepancies)
      .set({ recheckedBy: by, recheckReason: reason, recheckedAt: now })
      .where(and(eq(discrepancies.id, id), eq(discrepancies.status, 'open')))
      .returning();
    return rows.map(discrepancyRecord)[0] ?? 'not_open';
  });
}

/**
 * What of a day and of the days before it, back to `from`, was opened since then and is still open, warnings apart. Of a day whose run
 * is under way nothing: it may be repaired yet.
 */
export async function openedSince(
  db: Db | Tx,
  { mchid, date, from }: DayRef & { readonly from: BillDate },
  since: Date,
  limit: number,
): Promise<DiscrepancyRecord[]> {
  const ofDay = and(eq(reconciliations.mchid, discrepancies.mchid), eq(reconciliations.date, discrepancies.date));
  const rows = await db
    .select({ row: discrepancies })
    .from(discrepancies)
    .innerJoin(reconciliations, ofDay)
    .where(
      and(
        ...[
          eq(discrepancies.mchid, mchid),
          eq(discrepancies.status, 'open'),
          notInArray(discrepancies.class, [...WARNINGS]),
        ],
        ...[gte(discrepancies.date, from), lte(discrepancies.date, date), gte(discrepancies.openedAt, since)],
        isNotNull(reconciliations.finishedAt),
      ),
    )
    .orderBy(desc(discrepancies.date), desc(discrepancies.id))
    .limit(limit);
  return rows.map(({ row }) => discrepancyRecord(row));
}

export type OpenCount = Awaited<ReturnType<typeof openCounts>>[number];

/** What of these days is open, by day and class, from what was counted when it was found or decided. */
export async function openCounts(db: Db | Tx, { mchid, from, to }: DaySpan) {
  const { date, class: name, open, isDiscrepant } = reconciliationSums;
  const rows = await db
    .select({ date, class: name, count: sum(open).mapWith(Number) })
    .from(reconciliationSums)
    .where(and(eq(reconciliationSums.mchid, mchid), gte(date, from), lte(date, to), gt(open, 0), isDiscrepant))
    .groupBy(date, name)
    .orderBy(asc(date), asc(name));
  return rows.flatMap((row) => (isDiscrepancyClass(row.class) ? { ...row, class: row.class } : []));
}

/** By field, what each side says. */
const differencesSchema = z.record(z.string(), z.unknown());

const discrepancyRecord = (row: Row): DiscrepancyRecord => ({
  ...row,
  ...dayRefOf(row),
  differences: differencesSchema.parse(row.differences),
});
