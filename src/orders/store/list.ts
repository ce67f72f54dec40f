import { and, asc, desc, eq, gte, inArray, isNotNull, lt, sql, type SQL } from 'drizzle-orm';
import { ORDER_NO_PATTERN, type Mchid } from '../../base/ids.js';
import { is } from '../../db/columns.js';
import type { Db, Tx } from '../../db/connection.js';
import { heapOf } from '../../db/heap.js';
import { decodeCursor, inOrder, isAfter, pageOf, type Keyset } from '../../db/keyset.js';
import { attempts, evidence, merchantEvents, orders, refunds } from '../../db/schema.js';
import { PRODUCTS, type Product } from '../rules/product.js';
import type { OrderRecord } from '../rules/record.js';
import { ORDER_STATES, type ClosedReason, type OrderStateName, type StuckReason } from '../rules/states.js';
import { isAttemptOfOrder, isPaidEventOfOrder, isRefundOfAttempt, joined, orderRecords } from './record.js';

type PageRequest = {
  /** Of all these merchants. */
  readonly mchids: readonly Mchid[];
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/** Of the attempt that made the order paid; of an order that is not paid, of its first one. */
type SoldAs = {
  readonly product?: Product | undefined;
  readonly appid?: string | undefined;
};

/** Which go together is what an index serves: `amountFen` with a state; `closedReason`, and product and appid, without. */
export type OrderFilter = PageRequest &
  SoldAs & {
    readonly state?: OrderStateName | undefined;
    /** Of those that are closed. */
    readonly closedReason?: ClosedReason | undefined;
    /** `any`: everything that is stuck. */
    readonly stuckReason?: StuckReason | 'any' | undefined;
    readonly amountFen?: number | undefined;
    /** Inclusive. */
    readonly createdFrom?: Date | undefined;
    /** Exclusive. */
    readonly createdTo?: Date | undefined;
  };

export type OrderPage = { readonly items: OrderRecord[]; readonly nextCursor: string | null };

/** Newest first. `nextCursor` continues where the page ended, whatever was placed since; `bad_cursor` for one that no page gave. */
export function listOrders(db: Db | Tx, filter: OrderFilter): Promise<OrderPage | 'bad_cursor'> {
  const { stuckReason, closedReason, createdFrom, createdTo } = filter;
  const where = and(
    closedReason && isClosedAs(closedReason),
    stuckReason && isStuckOn(stuckReason),
    createdFrom && gte(orders.createdAt, createdFrom),
    createdTo && lt(orders.createdAt, createdTo),
  );
  return pageOfOrders(db, filter, { parts: partsOf(filter), where, time: 'createdAt', isNewestFirst: true });
}

export type PaidFilter = PageRequest &
  SoldAs & {
    /** With neither product nor appid. */
    readonly amountFen?: number | undefined;
    /** WeChat Pay's time of success, inclusive. */
    readonly paidFrom?: Date | undefined;
    /** Exclusive. */
    readonly paidTo?: Date | undefined;
  };

/** What is paid, the newest payment first; cursors as in {@link listOrders}. */
export function listPaidOrders(db: Db | Tx, filter: PaidFilter): Promise<OrderPage | 'bad_cursor'> {
  const { mchids, amountFen, paidFrom, paidTo } = filter;
  const where = and(
    is(orders.state, 'paid'),
    paidFrom && gte(orders.paidAt, paidFrom),
    paidTo && lt(orders.paidAt, paidTo),
  );
  const ofAmount = (fen: number) => mchids.map((mchid) => and(eq(orders.mchid, mchid), eq(orders.amountFen, fen)));
  const parts = amountFen === undefined ? partsOf(filter) : ofAmount(amountFen);
  return pageOfOrders(db, filter, { parts, where, time: 'paidAt', isNewestFirst: true });
}

export type StuckFilter = PageRequest & Pick<OrderFilter, 'stuckReason'>;

/** What has been stuck longest first; cursors as in {@link listOrders}. */
export function listStuckOrders(db: Db | Tx, filter: StuckFilter): Promise<OrderPage | 'bad_cursor'> {
  const { mchids, stuckReason = 'any' } = filter;
  const parts = mchids.map((mchid) => eq(orders.mchid, mchid));
  return pageOfOrders(db, filter, { parts, where: isStuckOn(stuckReason), time: 'stuckSince', isNewestFirst: false });
}

/**
 * A merchant's orders of one amount stand in their index by state, those of an appid by product: where that is left open, each is a part
 * of its own.
 */
function partsOf(filter: PageRequest & SoldAs & Pick<OrderFilter, 'amountFen' | 'state'>): (SQL | undefined)[] {
  const { mchids, product, appid, amountFen, state } = filter;
  const states = amountFen !== undefined && state === undefined ? ORDER_STATES : [state];
  const products = appid !== undefined && product === undefined ? PRODUCTS : [product];
  const partOf = (mchid: Mchid, inState: typeof state, of: typeof product) =>
    and(
      eq(orders.mchid, mchid),
      inState && eq(orders.state, inState),
      amountFen === undefined ? undefined : eq(orders.amountFen, amountFen),
      of && eq(orders.product, of),
      appid === undefined ? undefined : eq(orders.appid, appid),
    );
  return mchids.flatMap((mchid) => states.flatMap((inState) => products.map((of) => partOf(mchid, inState, of))));
}

export const isClosedAs = (reason: ClosedReason): SQL | undefined =>
  and(is(orders.state, 'closed'), eq(orders.closedReason, reason));

export const isStuckOn = (reason: StuckReason | 'any'): SQL =>
  reason === 'any' ? isNotNull(orders.stuckReason) : eq(orders.stuckReason, reason);

export const ORDER_NO = new RegExp(ORDER_NO_PATTERN);

/** Which orders, in the order of which time and then of their numbers. */
type Listing = {
  /** Each in one piece of an index, in the order of the list. */
  readonly parts: readonly (SQL | undefined)[];
  readonly where: SQL | undefined;
  readonly time: keyof typeof CURSOR_OF;
  readonly isNewestFirst: boolean;
};

const CURSOR_OF = { createdAt: '', paidAt: 'paid', stuckSince: 'stuck' } as const;

/**
 * The keys of each part's page come from an index alone, in its order; only their rows are then read, in any order. So a page
 * costs the same however many orders there are, and the result needs no sorting in Postgres.
 */
async function pageOfOrders(
  db: Db | Tx,
  { cursor, limit }: Pick<PageRequest, 'cursor' | 'limit'>,
  { parts, where, time, isNewestFirst }: Listing,
): Promise<OrderPage | 'bad_cursor'> {
  const order = CURSOR_OF[time];
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ORDER_NO, order);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const direction = isNewestFirst ? desc : asc;
  const rowsOf = (part: SQL | undefined) => {
    const page = db
      .select({ mchid: orders.mchid, orderNo: orders.orderNo })
      .from(orders)
      .where(and(part, where, after && isAfter(orders[time], orders.orderNo, after, isNewestFirst)))
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
  const rows = (await Promise.all(parts.map(rowsOf))).flat();
  const keyOf = (record: OrderRecord): Keyset => ({ at: record[time] ?? record.createdAt, id: record.orderNo });
  return pageOf(inOrder(orderRecords(rows), keyOf, isNewestFirst), limit, { keyOf, itemOf: (it) => it, order });
}

export type StuckTotal = Awaited<ReturnType<typeof stuckTotals>>[number];

/** What is stuck of these merchants, or of all: a row a reason, the oldest first. */
export async function stuckTotals(db: Db | Tx, mchids?: readonly Mchid[]) {
  const heap = heapOf(orders.mchid, orders.stuckSince);
  const isWaiting = sql`${orders.state} in ('creating', 'awaitingPayment') and at_risk.fen = 0`;
  return db
    .select({
      ...heap,
      reason: sql<StuckReason>`${orders.stuckReason}`,
      atRiskFen: sql`coalesce(sum(at_risk.fen), 0)`.mapWith(Number),
      // What the orders cost that still wait and hold no money of anybody's.
      waitingFen: sql`coalesce(sum(${orders.amountFen}) filter (where ${isWaiting}), 0)`.mapWith(Number),
    })
    .from(orders)
    .innerJoin(sql`lateral (${atRisk}) at_risk`, sql`true`)
    .where(and(mchids && inArray(orders.mchid, [...mchids]), isStuckOn('any')))
    .groupBy(orders.mchid, orders.stuckReason)
    .orderBy(asc(heap.oldestAt), asc(orders.mchid));
}

/**
 * What of an order is somebody's money: confirmed by a query and not back yet, or claimed by evidence that no query has confirmed. An
 * order that nobody paid holds none, whatever it costs. Of each order once: as a plain expression Postgres did it for each sum of it.
 */
const atRisk = sql`
  select coalesce(sum(money.fen), 0) as fen from (
    select a.paid_fen - a.refunded_fen as fen from ${attempts} a where a.mchid = ${orders.mchid} and a.order_no = ${orders.orderNo}
    union all
    select max(e.amount_fen) from ${evidence} e
    where e.mchid = ${orders.mchid} and e.order_no = ${orders.orderNo} and e.source <> 'query'
      and not exists (select from ${attempts} a
        where a.mchid = e.mchid and a.order_no = e.order_no and a.transaction_id = e.transaction_id)
    group by e.transaction_id) money`;
