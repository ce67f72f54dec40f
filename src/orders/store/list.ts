import { and, asc, desc, eq, gte, inArray, isNotNull, lt, sql, type SQL } from 'drizzle-orm';
import { ORDER_NO_PATTERN, type Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { heapOf } from '../../db/heap.js';
import { decodeCursor, isAfter, pageOf, type Keyset } from '../../db/keyset.js';
import { attempts, evidence, merchantEvents, orders, refunds } from '../../db/schema.js';
import type { OrderRecord } from '../rules/record.js';
import type { OrderStateName, StuckReason } from '../rules/states.js';
import { isAttemptOfOrder, isPaidEventOfOrder, isRefundOfAttempt, joined, orderRecords } from './record.js';

type PageRequest = { readonly cursor?: string | undefined; readonly limit: number };

export type OrderFilter = PageRequest & {
  readonly mchid: Mchid;
  readonly state?: OrderStateName | undefined;
  /** `any`: everything that is stuck. */
  readonly stuckReason?: StuckReason | 'any' | undefined;
  /** Inclusive. */
  readonly createdFrom?: Date | undefined;
  /** Exclusive. */
  readonly createdTo?: Date | undefined;
};

export type OrderPage = { readonly items: OrderRecord[]; readonly nextCursor: string | null };

/** Newest first. `nextCursor` continues where the page ended, whatever was placed since; `bad_cursor` for one that no page gave. */
export function listOrders(db: Db | Tx, filter: OrderFilter): Promise<OrderPage | 'bad_cursor'> {
  const { mchid, state, stuckReason, createdFrom, createdTo } = filter;
  const where = and(
    state && eq(orders.state, state),
    stuckReason && isStuckOn(stuckReason),
    createdFrom && gte(orders.createdAt, createdFrom),
    createdTo && lt(orders.createdAt, createdTo),
  );
  return pageOfOrders(db, filter, { mchids: [mchid], where, time: 'createdAt', isNewestFirst: true });
}

export type StuckFilter = PageRequest & Pick<OrderFilter, 'stuckReason'> & { readonly mchids: readonly Mchid[] };

/** Of all these merchants, what has been stuck longest first; cursors as in {@link listOrders}. */
export function listStuckOrders(db: Db | Tx, filter: StuckFilter): Promise<OrderPage | 'bad_cursor'> {
  const { mchids, stuckReason = 'any' } = filter;
  return pageOfOrders(db, filter, { mchids, where: isStuckOn(stuckReason), time: 'stuckSince', isNewestFirst: false });
}

const isStuckOn = (reason: StuckReason | 'any'): SQL =>
  reason === 'any' ? isNotNull(orders.stuckReason) : eq(orders.stuckReason, reason);

const ORDER_NO = new RegExp(ORDER_NO_PATTERN);

/** Which orders, in the order of which time and then of their numbers. */
type Listing = {
  readonly mchids: readonly Mchid[];
  readonly where: SQL | undefined;
  readonly time: 'createdAt' | 'stuckSince';
  readonly isNewestFirst: boolean;
};

/**
 * The keys of each merchant's page come from an index alone, in its order; only their rows are then read, in any order. So a page
 * costs the same however many orders there are, and the result needs no sorting in Postgres.
 */
async function pageOfOrders(
  db: Db | Tx,
  { cursor, limit }: PageRequest,
  { mchids, where, time, isNewestFirst }: Listing,
): Promise<OrderPage | 'bad_cursor'> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ORDER_NO);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const direction = isNewestFirst ? desc : asc;
  const rowsOf = (mchid: Mchid) => {
    const page = db
      .select({ mchid: orders.mchid, orderNo: orders.orderNo })
      .from(orders)
      .where(and(eq(orders.mchid, mchid), where, after && isAfter(orders[time], orders.orderNo, after, isNewestFirst)))
      .orderBy(direction(orders[time]), direction(orders.orderNo))
      .limit(limit + 1)
      .as('page');
    return db
      .select(joined)
      .from(page)
      .innerJoin(orders, and(eq(orders.mchid, page.mchid), eq(orders.orderNo, page.orderNo)))
      .innerJoin(attempts, isAttemptOfOrder)
      .leftJoin(refunds, isRefundOfAttempt)
      .leftJoin(merchantEvents, isPaidEventOfOrder);
  };
  const rows = (await Promise.all(mchids.map(rowsOf))).flat();
  const keyOf = (order: OrderRecord): Keyset => ({ at: order[time] ?? order.createdAt, id: order.orderNo });
  const sign = isNewestFirst ? -1 : 1;
  const sorted = orderRecords(rows).toSorted((a, b) => sign * compareKeys(keyOf(a), keyOf(b)));
  return pageOf(sorted, limit, { keyOf, itemOf: (record) => record });
}

const compareKeys = (a: Keyset, b: Keyset): number =>
  a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : Number(a.id > b.id));

export type StuckTotal = Awaited<ReturnType<typeof stuckTotals>>[number];

/** What is stuck of these merchants, or of all: a row a reason, the oldest first. */
export async function stuckTotals(db: Db | Tx, mchids?: readonly Mchid[]) {
  const heap = heapOf(orders.mchid, orders.stuckSince);
  const reason = sql<StuckReason>`${orders.stuckReason}`;
  return db
    .select({ ...heap, reason, atRiskFen: sumAtRisk, waitingFen: sumWaiting })
    .from(orders)
    .where(and(mchids && inArray(orders.mchid, [...mchids]), isStuckOn('any')))
    .groupBy(orders.mchid, orders.stuckReason)
    .orderBy(asc(heap.oldestAt), asc(orders.mchid));
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

const sumAtRisk = sql`coalesce(sum(${atRiskFen}), 0)`.mapWith(Number);

/** What the orders cost that still wait and hold no money of anybody's. */
const sumWaiting =
  sql`coalesce(sum(${orders.amountFen}) filter (where ${orders.state} in ('creating', 'awaitingPayment') and ${atRiskFen} = 0), 0)`.mapWith(
    Number,
  );
