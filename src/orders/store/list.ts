import { and, asc, count, desc, eq, gte, inArray, isNotNull, lt, min, sql, type SQL } from 'drizzle-orm';
import { ORDER_NO_PATTERN, type Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { decodeCursor, isAfter, pageOf, type Keyset } from '../../db/keyset.js';
import { attempts, evidence, merchantEvents, orders, refunds } from '../../db/schema.js';
import { mchidOf } from '../../db/stored-values.js';
import type { OrderRecord } from '../rules/record.js';
import type { OrderStateName, StuckReason } from '../rules/states.js';
import { isAttemptOfOrder, isPaidEventOfOrder, isRefundOfAttempt, joined, orderRecords } from './record.js';

export type OrderFilter = {
  readonly mchid: Mchid;
  readonly state?: OrderStateName;
  /** `any`: everything that is stuck. */
  readonly stuckReason?: StuckReason | 'any';
  /** Inclusive. */
  readonly createdFrom?: Date;
  /** Exclusive. */
  readonly createdTo?: Date;
} & PageRequest;

type PageRequest = { readonly cursor?: string; readonly limit: number };

export type OrderPage = { readonly items: OrderRecord[]; readonly nextCursor: string | null };

/** Newest first. `nextCursor` continues where the page ended, whatever was placed since; `bad_cursor` for one that no page gave. */
export function listOrders(db: Db | Tx, filter: OrderFilter): Promise<OrderPage | 'bad_cursor'> {
  return pageOfOrders(db, filter, {
    where: conditions(filter),
    orderBy: [desc(orders.createdAt), desc(orders.orderNo)],
    follows: (cursor) => isAfter(orders.createdAt, orders.orderNo, cursor),
    keyOf: ({ createdAt, orderNo }) => ({ at: createdAt, id: orderNo }),
    isNewestFirst: true,
  });
}

function conditions({ mchid, state, stuckReason, createdFrom, createdTo }: OrderFilter): (SQL | undefined)[] {
  return [
    eq(orders.mchid, mchid),
    state && eq(orders.state, state),
    stuckReason && (stuckReason === 'any' ? isNotNull(orders.stuckReason) : eq(orders.stuckReason, stuckReason)),
    createdFrom && gte(orders.createdAt, createdFrom),
    createdTo && lt(orders.createdAt, createdTo),
  ];
}

export type StuckFilter = { readonly mchid: Mchid; readonly stuckReason?: StuckReason } & PageRequest;

/** What has been stuck longest comes first; cursors as in {@link listOrders}. */
export function listStuckOrders(db: Db | Tx, filter: StuckFilter): Promise<OrderPage | 'bad_cursor'> {
  const { mchid, stuckReason } = filter;
  const isStuck = stuckReason === undefined ? isNotNull(orders.stuckReason) : eq(orders.stuckReason, stuckReason);
  return pageOfOrders(db, filter, {
    where: [eq(orders.mchid, mchid), isStuck],
    orderBy: [asc(orders.stuckSince), asc(orders.orderNo)],
    follows: ({ at, id }) =>
      sql`(${orders.stuckSince}, ${orders.orderNo}) > (${sql.param(at, orders.stuckSince)}, ${sql.param(id, orders.orderNo)})`,
    keyOf: stuckKeyOf,
    isNewestFirst: false,
  });
}

function stuckKeyOf({ stuckSince, orderNo }: OrderRecord): Keyset {
  if (stuckSince === null) throw new Error('A stuck order does not say since when');
  return { at: stuckSince, id: orderNo };
}

/** What tells orders of one moment apart in a cursor. */
export const ORDER_CURSOR_ID = new RegExp(ORDER_NO_PATTERN);

/** Which orders, in the order of which key. */
type Listing = {
  readonly where: readonly (SQL | undefined)[];
  readonly orderBy: readonly SQL[];
  readonly follows: (cursor: Keyset) => SQL;
  readonly keyOf: (order: OrderRecord) => Keyset;
  readonly isNewestFirst: boolean;
};

async function pageOfOrders(
  db: Db | Tx,
  { cursor, limit }: PageRequest,
  { where, orderBy, follows, keyOf, isNewestFirst }: Listing,
): Promise<OrderPage | 'bad_cursor'> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ORDER_CURSOR_ID);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const rows = await pageQuery(db, { where: and(...where, after && follows(after)), orderBy, limit });
  const byKey = orderRecords(rows).toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)) * (isNewestFirst ? -1 : 1));
  return pageOf(byKey, limit, { keyOf, itemOf: (record) => record });
}

const compareKeys = (a: Keyset, b: Keyset): number => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1);

/**
 * The page's keys come from an index alone, in its order; only their rows are then read, in any order. So a page costs the same
 * however many orders there are, and the result needs no sorting in Postgres. One order more than the page, see `pageOf`.
 */
function pageQuery(
  db: Db | Tx,
  {
    where,
    orderBy,
    limit,
  }: { readonly where: SQL | undefined; readonly orderBy: readonly SQL[]; readonly limit: number },
) {
  const page = db
    .select({ mchid: orders.mchid, orderNo: orders.orderNo })
    .from(orders)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit + 1)
    .as('page');
  return db
    .select(joined)
    .from(page)
    .innerJoin(orders, and(eq(orders.mchid, page.mchid), eq(orders.orderNo, page.orderNo)))
    .innerJoin(attempts, isAttemptOfOrder)
    .leftJoin(refunds, isRefundOfAttempt)
    .leftJoin(merchantEvents, isPaidEventOfOrder);
}

export type StuckTotal = {
  readonly mchid: Mchid;
  readonly stuckReason: StuckReason;
  readonly count: number;
  /** Confirmed by a query and not back yet, or claimed by a notify. */
  readonly atRiskFen: number;
  /** What the others cost, which nobody has paid. */
  readonly waitingFen: number;
  readonly oldestSince: Date;
};

/** What is stuck of these merchants, a line a reason, the oldest first. */
export async function stuckTotals(db: Db | Tx, mchids: readonly Mchid[]): Promise<StuckTotal[]> {
  if (mchids.length === 0) return [];
  const oldestSince = min(orders.stuckSince);
  const rows = await db
    .select({
      mchid: orders.mchid,
      stuckReason: orders.stuckReason,
      count: count(),
      atRiskFen: sumAtRisk(),
      waitingFen: sumWaiting(),
      oldestSince,
    })
    .from(orders)
    .where(and(inArray(orders.mchid, [...mchids]), isNotNull(orders.stuckReason)))
    .groupBy(orders.mchid, orders.stuckReason)
    .orderBy(asc(oldestSince), asc(orders.mchid));
  return rows.flatMap(({ mchid, stuckReason, oldestSince: since, ...sums }) =>
    stuckReason === null || since === null ? [] : [{ mchid: mchidOf(mchid), stuckReason, ...sums, oldestSince: since }],
  );
}

/**
 * What of an order's row is somebody's money: confirmed by a query and not back yet, or claimed by evidence that no query has
 * confirmed. An order that nobody paid holds none, whatever it costs.
 */
const atRiskFen = sql`(
  (select coalesce(sum(a.paid_fen - a.refunded_fen), 0) from ${attempts} a
    where a.mchid = ${orders.mchid} and a.order_no = ${orders.orderNo})
  + (select coalesce(sum(claim.fen), 0) from (
      select max(e.amount_fen) fen from ${evidence} e
      where e.mchid = ${orders.mchid} and e.order_no = ${orders.orderNo} and e.source <> 'query'
        and not exists (select from ${attempts} a
          where a.mchid = e.mchid and a.order_no = e.order_no and a.transaction_id = e.transaction_id)
      group by e.transaction_id) claim))`;

/** The sum over the orders of a group, as a number. */
export const sumAtRisk = (): SQL<number> => sql`coalesce(sum(${atRiskFen}), 0)`.mapWith(Number);

/** What the orders cost that still wait and hold no money of anybody's. */
export const sumWaiting = (): SQL<number> =>
  sql`coalesce(sum(${orders.amountFen}) filter (where ${orders.state} in ('creating', 'awaitingPayment') and ${atRiskFen} = 0), 0)`.mapWith(
    Number,
  );
