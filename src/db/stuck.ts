import { and, asc, count, eq, inArray, isNotNull, min, sql } from 'drizzle-orm';
import type { Mchid } from '../base/ids.js';
import type { OrderRecord } from '../domain/order/record.js';
import type { StuckReason } from '../domain/order/states.js';
import type { Db, Tx } from './connection.js';
import { guarded } from './failure.js';
import { sumAtRisk, sumWaiting } from './money-at-risk.js';
import { decodeCursor, pageOf, type Keyset } from './keyset.js';
import { ORDER_CURSOR_ID, pageQuery, type OrderPage } from './order.js';
import { orderRecords } from './order-record.js';
import { orders } from './schema.js';
import { mchidOf } from './stored-ids.js';

export type StuckFilter = {
  readonly mchid: Mchid;
  readonly stuckReason?: StuckReason;
  readonly cursor?: string;
  readonly limit: number;
};

/** What has been stuck longest comes first; cursors as in `listOrders`. */
export async function listStuckOrders(db: Db | Tx, filter: StuckFilter): Promise<OrderPage | 'bad_cursor'> {
  const { mchid, stuckReason, cursor, limit } = filter;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ORDER_CURSOR_ID);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const where = and(
    eq(orders.mchid, mchid),
    stuckReason === undefined ? isNotNull(orders.stuckReason) : eq(orders.stuckReason, stuckReason),
    after && isLater(after),
  );
  const orderBy = [asc(orders.stuckSince), asc(orders.orderNo)];
  const rows = await guarded(() => pageQuery(db, { where, orderBy, limit }));
  const byKey = orderRecords(rows).toSorted(longestFirst);
  return pageOf(byKey, limit, { keyOf, itemOf: (record) => record });
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
  const rows = await guarded(() =>
    db
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
      .orderBy(asc(oldestSince), asc(orders.mchid)),
  );
  return rows.flatMap(({ mchid, stuckReason, oldestSince: since, ...sums }) =>
    stuckReason === null || since === null ? [] : [{ mchid: mchidOf(mchid), stuckReason, ...sums, oldestSince: since }],
  );
}

const isLater = ({ at, id }: Keyset) =>
  sql`(${orders.stuckSince}, ${orders.orderNo}) > (${sql.param(at, orders.stuckSince)}, ${sql.param(id, orders.orderNo)})`;

function keyOf({ stuckSince, orderNo }: OrderRecord): Keyset {
  if (stuckSince === null) throw new Error('A stuck order does not say since when');
  return { at: stuckSince, id: orderNo };
}

const longestFirst = (a: OrderRecord, b: OrderRecord): number =>
  keyOf(a).at.getTime() - keyOf(b).at.getTime() || (a.orderNo < b.orderNo ? -1 : 1);
