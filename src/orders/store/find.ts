import { and, eq, gte, inArray, lt, sql, type SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { isAfter } from '../../db/keyset.js';
import { attempts, merchantEvents, orders, refunds } from '../../db/schema.js';
import { mchidOf } from '../../db/stored-values.js';
import { pageFound, type FoundKey } from '../../search/store/found.js';
import { searchOrders } from '../../search/store/search.js';
import type { WordSearch } from '../../search/store/words.js';
import { isClosedAs, isStuckOn, ORDER_NO, type OrderFilter, type OrderPage, type PaidFilter } from './list.js';
import { isAttemptOfOrder, isPaidEventOfOrder, isRefundOfAttempt, joined, orderRecords } from './record.js';

export type OrderSearch = OrderFilter & Pick<PaidFilter, 'paidFrom' | 'paidTo'> & Pick<WordSearch, 'q' | 'lookAt'>;

/** `lookedBackTo`: where a page ended that found less than it was asked for, and is not the last. */
export type FoundOrders = OrderPage & { readonly lookedBackTo: Date | null };

/**
 * The orders that have `q` for a number (their own, an attempt's, a transaction's, a refund's) or all its words at the beginning of words
 * of their number, description and metadata, newest first, with everything else that is asked of them. Pages and cursors as of
 * {@link pageFound}.
 */
export async function findOrders(db: Db | Tx, search: OrderSearch): Promise<FoundOrders | 'bad_cursor'> {
  const { mchids, q, createdFrom, createdTo, cursor, limit, lookAt } = search;
  const where = asked(search);
  const page = await pageFound(db, {
    ...{ kind: 'order', mchids, q, createdFrom, createdTo, cursor, limit, lookAt, isId: ORDER_NO },
    isWanted:
      where &&
      ((mchid, number) => sql`exists (
      select from ${orders} where ${and(eq(orders.mchid, mchid), eq(orders.orderNo, number), where)} offset 0)`),
    numbered: (after) => numbered(db, search, and(where, after && isAfter(orders.createdAt, orders.orderNo, after))),
  });
  if (page === 'bad_cursor') return page;
  return { items: await ordersOf(db, page.keys), nextCursor: page.nextCursor, lookedBackTo: page.lookedBackTo };
}

function asked(search: OrderSearch): SQL | undefined {
  const { state, closedReason, stuckReason, amountFen, product, appid, paidFrom, paidTo } = search;
  return and(
    state && eq(orders.state, state),
    closedReason && isClosedAs(closedReason),
    stuckReason && isStuckOn(stuckReason),
    amountFen === undefined ? undefined : eq(orders.amountFen, amountFen),
    product && eq(orders.product, product),
    appid === undefined ? undefined : eq(orders.appid, appid),
    paidFrom && gte(orders.paidAt, paidFrom),
    paidTo && lt(orders.paidAt, paidTo),
  );
}

async function numbered(db: Db | Tx, search: OrderSearch, where: SQL | undefined): Promise<FoundKey[]> {
  const { mchids, q, createdFrom, createdTo } = search;
  const hits = await searchOrders(db, mchids, q);
  if (hits.length === 0) return [];
  const isInTime = and(createdFrom && gte(orders.createdAt, createdFrom), createdTo && lt(orders.createdAt, createdTo));
  const rows = await db
    .select({ mchid: orders.mchid, at: orders.createdAt, id: orders.orderNo })
    .from(orders)
    .where(and(isAmongThem(hits), isInTime, where));
  const isHit = ({ mchid, id }: { mchid: string; id: string }) =>
    hits.some((hit) => hit.mchid === mchid && hit.orderNo === id);
  return rows.filter(isHit).map((row) => ({ ...row, mchid: mchidOf(row.mchid) }));
}

/** By both alone: of several merchants a few more, of which the caller takes its own. */
const isAmongThem = (refs: readonly { readonly mchid: Mchid; readonly orderNo: string }[]): SQL | undefined =>
  and(
    inArray(orders.mchid, [...new Set(refs.map(({ mchid }) => mchid))]),
    inArray(orders.orderNo, [...new Set(refs.map(({ orderNo }) => orderNo))]),
  );

async function ordersOf(db: Db | Tx, keys: readonly FoundKey[]): Promise<OrderPage['items']> {
  if (keys.length === 0) return [];
  const rows = await db
    .select(joined)
    .from(orders)
    .innerJoin(attempts, isAttemptOfOrder)
    .leftJoin(refunds, isRefundOfAttempt)
    .leftJoin(merchantEvents, isPaidEventOfOrder)
    .where(isAmongThem(keys.map(({ mchid, id }) => ({ mchid, orderNo: id }))));
  const records = new Map(orderRecords(rows).map((record) => [`${record.mchid}/${record.orderNo}`, record]));
  return keys.flatMap(({ mchid, id }) => records.get(`${mchid}/${id}`) ?? []);
}
