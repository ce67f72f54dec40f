import { and, eq, lt, sql, type SQL } from 'drizzle-orm';
import { withTransaction, type Db } from '../../db/connection.js';
import { gatewayCalls, orders } from '../../db/schema.js';
import { mchidOf, orderNoOf } from '../../db/stored-values.js';
import { claimed, isUnfinishedOrder, SWEPT_NOW } from '../../db/unfinished.js';
import { lockStanding, settled, writeOrder } from './change.js';
import type { OrderRef } from './order.js';

/** Orders that should have been sent to WeChat Pay by now. */
export function findCreating(db: Db, olderThan: Date, limit: number): Promise<OrderRef[]> {
  return claimOrders(db, sql`${orders.state} = 'creating' and ${lt(orders.createdAt, olderThan)}`, limit);
}

/** Orders that are not final although their deadline has passed. */
export function findOverdue(db: Db, deadlineBefore: Date, limit: number): Promise<OrderRef[]> {
  return claimOrders(db, sql`${isUnfinishedOrder} and ${lt(orders.expiresAt, deadlineBefore)}`, limit);
}

/** Final orders whose workflow should have done by now what was left to do. */
export function findUndone(db: Db, dueBefore: Date, limit: number): Promise<OrderRef[]> {
  return claimOrders(db, lt(orders.dueAt, dueBefore), limit);
}

async function claimOrders(db: Db, isDue: SQL, limit: number): Promise<OrderRef[]> {
  const { mchid, orderNo, createdAt } = orders;
  const rows = await db
    .update(orders)
    .set(SWEPT_NOW)
    .where(claimed(orders, [mchid, orderNo], { isDue, since: createdAt, limit }))
    .returning({ mchid, orderNo });
  return rows.map((row) => ({ mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo) }));
}

/** `isMoving`: a call to WeChat Pay tells that it goes on. */
export type LateOrder = OrderRef & {
  readonly version: number;
  readonly isMoving: boolean;
  readonly isStalled: boolean;
};

/**
 * Orders whose next step was due before this time. Each is given once; it is late again once its next poll, or five minutes, have
 * passed without a change of its row. So a poll costs no write of its own, and this one for many.
 */
export async function findLateOrders(db: Db, { dueBefore, now }: Due, limit: number): Promise<LateOrder[]> {
  const due = db
    .$with('due')
    .as(
      db
        .select({ mchid: orders.mchid, orderNo: orders.orderNo })
        .from(orders)
        .where(lt(orders.nextDueAt, dueBefore))
        .orderBy(orders.nextDueAt)
        .limit(limit)
        .for('no key update', { skipLocked: true }),
    );
  const last = db.$with('last').as(
    db
      .select({
        mchid: due.mchid,
        orderNo: due.orderNo,
        calledAt: sql<Date | null>`max(coalesce(${gatewayCalls.nextAt}, ${gatewayCalls.at}))`.as('called_at'),
      })
      .from(due)
      .leftJoin(gatewayCalls, and(eq(gatewayCalls.mchid, due.mchid), eq(gatewayCalls.orderNo, due.orderNo)))
      .groupBy(due.mchid, due.orderNo),
  );
  const rows = await db
    .with(due, last)
    .update(orders)
    .set({ nextDueAt: sql`greatest(${sql.param(now, orders.nextDueAt)}, ${last.calledAt})` })
    .from(last)
    .where(and(eq(orders.mchid, last.mchid), eq(orders.orderNo, last.orderNo)))
    .returning({
      mchid: orders.mchid,
      orderNo: orders.orderNo,
      isMoving: sql<boolean>`coalesce(${last.calledAt} > ${sql.param(dueBefore, orders.nextDueAt)}, false)`,
      version: orders.version,
      isStalled: sql<boolean>`${orders.stalledSince} is not null`,
    });
  return rows.map((row) => ({ ...row, mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo) }));
}

export type Due = { readonly dueBefore: Date; readonly now: Date };

/**
 * Its workflow cannot go on, or does again. The first time stays. `version`: what was written since Temporal was asked proves that it
 * goes on.
 */
export async function markStalled(
  db: Db,
  ref: OrderRef & { readonly version?: number },
  isStalled: boolean,
  now: Date,
): Promise<void> {
  await withTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, ref);
    if (standing === undefined || (standing.order.stalledSince !== null) === isStalled) return;
    const { order, events } = standing;
    if (isStalled && order.version !== (ref.version ?? order.version)) return;
    const stalledSince = isStalled ? now : null;
    await writeOrder(tx, order, settled(order, { ...order, stalledSince }, events, now));
  });
}
