import { and, asc, desc, eq, getTableColumns, inArray, isNull, lt, notExists, sql, type SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { bulkOrders, bulks, orders } from '../../db/schema.js';
import { isUuid, mchidOf } from '../../db/stored-values.js';
import { claimed, SWEPT_NOW } from '../../db/unfinished.js';
import type { BulkOutcome } from '../rules/bulk.js';
import { matching, type BulkChoice } from './choice.js';

export type NewBulk = BulkChoice & {
  readonly until: Date | null;
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
};

export type BulkRecord = Omit<typeof bulks.$inferSelect, 'mchid' | 'filter' | 'sweptAt'> & {
  readonly mchid: Mchid;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
};

/** Limit of the freezing statement: a million orders take about a quarter of this. */
const FREEZE_MS = 60_000;

/** Records the decision and freezes its orders, oldest first; named numbers without an order come last. Answers its id. */
export function createBulk(db: Db, bulk: NewBulk): Promise<string> {
  const { at: createdAt, ...terms } = bulk;
  return withTransaction(db, async (tx) => {
    await tx.execute(sql.raw(`set local statement_timeout = ${FREEZE_MS}`));
    const [row] = await tx
      .insert(bulks)
      .values({ ...terms, createdAt })
      .returning({ id: bulks.id });
    if (row === undefined) throw new Error('An inserted bulk was not returned');
    await tx.execute(sql`insert into ${bulkOrders} (bulk_id, seq, order_no) ${frozen(row.id, bulk)}`);
    return row.id;
  });
}

function frozen(bulkId: string, bulk: BulkChoice): SQL {
  const { orderNos } = bulk.filter;
  if (orderNos === undefined) {
    const seq = sql`row_number() over (order by ${orders.createdAt}, ${orders.orderNo})`;
    return sql`select ${bulkId}::uuid, ${seq}, ${orders.orderNo} from ${orders} where ${matching(bulk)}`;
  }
  const named = sql`select distinct number collate "C" as number from jsonb_array_elements_text(${JSON.stringify(orderNos)}::jsonb) number`;
  return sql`select ${bulkId}::uuid, row_number() over (order by ${orders.createdAt} nulls last, named.number), named.number
    from (${named}) named left join ${orders} on ${orders.mchid} = ${bulk.mchid} and ${orders.orderNo} = named.number
    where ${orders.orderNo} is null or ${matching(bulk)}`;
}

export async function loadBulk(db: Db | Tx, id: string): Promise<BulkRecord | undefined> {
  if (!isUuid(id)) return undefined;
  const rows = await db.select(columns).from(bulks).where(eq(bulks.id, id));
  return rows.map(bulkRecord)[0];
}

export async function listBulks(db: Db | Tx, mchids: readonly Mchid[], limit: number): Promise<BulkRecord[]> {
  const rows = await db
    .select(columns)
    .from(bulks)
    .where(inArray(bulks.mchid, [...mchids]))
    .orderBy(desc(bulks.createdAt), desc(bulks.id))
    .limit(limit);
  return rows.map(bulkRecord);
}

/** Bulks that have not ended: their workflow may be gone, and to start it again where it is not changes nothing. */
export async function findUnfinishedBulks(db: Db, createdBefore: Date, limit: number): Promise<string[]> {
  const isDue = and(isNull(bulks.finishedAt), lt(bulks.createdAt, createdBefore));
  const rows = await db
    .update(bulks)
    .set(SWEPT_NOW)
    .where(claimed(bulks, [bulks.id], { isDue, since: bulks.createdAt, limit }))
    .returning({ id: bulks.id });
  return rows.map(({ id }) => id);
}

/** Once none of its orders is open. */
export async function finishBulk(db: Db | Tx, id: string, at: Date): Promise<void> {
  const open = db
    .select({ seq: bulkOrders.seq })
    .from(bulkOrders)
    .where(and(eq(bulkOrders.bulkId, id), isNull(bulkOrders.finishedAt)));
  await db
    .update(bulks)
    .set({ finishedAt: at })
    .where(and(eq(bulks.id, id), isNull(bulks.finishedAt), notExists(open)));
}

export type BulkItem = { readonly bulkId: string; readonly seq: number; readonly orderNo: string };

export async function openBulkOrders(db: Db | Tx, bulkId: string, limit: number): Promise<BulkItem[]> {
  return db
    .select({ bulkId: bulkOrders.bulkId, seq: bulkOrders.seq, orderNo: bulkOrders.orderNo })
    .from(bulkOrders)
    .where(and(eq(bulkOrders.bulkId, bulkId), isNull(bulkOrders.finishedAt)))
    .orderBy(asc(bulkOrders.seq))
    .limit(limit);
}

/** The first outcome stays. */
export async function finishBulkOrder(
  db: Db | Tx,
  { bulkId, seq }: BulkItem,
  outcome: BulkOutcome,
  at: Date,
): Promise<void> {
  await db
    .update(bulkOrders)
    .set({ outcome, finishedAt: at })
    .where(and(eq(bulkOrders.bulkId, bulkId), eq(bulkOrders.seq, seq), isNull(bulkOrders.finishedAt)));
}

export type BulkFailure = { readonly orderNo: string; readonly code: string };

export async function bulkFailures(db: Db | Tx, bulkId: string, limit: number): Promise<BulkFailure[]> {
  return db
    .select({ orderNo: bulkOrders.orderNo, code: sql<string>`${bulkOrders.outcome}` })
    .from(bulkOrders)
    .where(and(eq(bulkOrders.bulkId, bulkId), isFailed))
    .orderBy(asc(bulkOrders.seq))
    .limit(limit);
}

// The literal word, as in the partial index over failed orders: a parameter would keep the index from being used.
const isFailed = sql`${bulkOrders.outcome} <> 'done'`;

const countOf = (condition: SQL): SQL<number> =>
  sql`(select count(*) from ${bulkOrders} where ${bulkOrders.bulkId} = ${bulks.id} and ${condition})`.mapWith(Number);

const { filter, sweptAt, ...kept } = getTableColumns(bulks);

/** Open and failed orders are counted by partial indexes; the rest is done. */
const columns = {
  ...kept,
  total: sql<number>`(select coalesce(max(${bulkOrders.seq}), 0) from ${bulkOrders} where ${bulkOrders.bulkId} = ${bulks.id})`,
  open: countOf(sql`${bulkOrders.finishedAt} is null`),
  failed: countOf(isFailed),
};

type Row = Omit<BulkRecord, 'mchid' | 'done'> & { readonly mchid: string; readonly open: number };

function bulkRecord({ open, mchid, ...row }: Row): BulkRecord {
  return { ...row, mchid: mchidOf(mchid), done: row.total - open - row.failed };
}
