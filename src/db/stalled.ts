import { and, eq, lt, sql } from 'drizzle-orm';
import { withTransaction, type Db } from './connection.js';
import { guarded } from './failure.js';
import { settled, settleRefunds, writeOrder } from './order-change.js';
import { lockStanding } from './order-lock.js';
import type { OrderRef } from './order.js';
import { isRefund, type RefundRef } from './refund-record.js';
import { gatewayCalls, orders, refunds } from './schema.js';
import { mchidOf, orderNoOf, outRefundNoOf } from './stored-ids.js';

/** `isMoving`: a call to WeChat Pay tells that it goes on. */
export type LateOrder = OrderRef & { readonly isMoving: boolean; readonly isStalled: boolean };
export type LateRefund = RefundRef & OrderRef & { readonly isStalled: boolean };

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
  const rows = await guarded(() =>
    db
      .with(due, last)
      .update(orders)
      .set({ nextDueAt: sql`greatest(${sql.param(now, orders.nextDueAt)}, ${last.calledAt})` })
      .from(last)
      .where(and(eq(orders.mchid, last.mchid), eq(orders.orderNo, last.orderNo)))
      .returning({
        mchid: orders.mchid,
        orderNo: orders.orderNo,
        isMoving: sql<boolean>`coalesce(${last.calledAt} > ${sql.param(dueBefore, orders.nextDueAt)}, false)`,
        isStalled: sql<boolean>`${orders.stalledSince} is not null`,
      }),
  );
  return rows.map((row) => ({ ...row, mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo) }));
}

/** As {@link findLateOrders}. Calls name no refund: Temporal is asked about each. */
export async function findLateRefunds(db: Db, { dueBefore, now }: Due, limit: number): Promise<LateRefund[]> {
  const due = db
    .$with('due')
    .as(
      db
        .select({ mchid: refunds.mchid, outRefundNo: refunds.outRefundNo })
        .from(refunds)
        .where(lt(refunds.nextDueAt, dueBefore))
        .orderBy(refunds.nextDueAt)
        .limit(limit)
        .for('no key update', { skipLocked: true }),
    );
  const rows = await guarded(() =>
    db
      .with(due)
      .update(refunds)
      .set({ nextDueAt: now })
      .from(due)
      .where(and(eq(refunds.mchid, due.mchid), eq(refunds.outRefundNo, due.outRefundNo)))
      .returning({
        mchid: refunds.mchid,
        orderNo: refunds.orderNo,
        outRefundNo: refunds.outRefundNo,
        isStalled: sql<boolean>`${refunds.stalledSince} is not null`,
      }),
  );
  return rows.map(({ mchid, orderNo, outRefundNo, isStalled }) => {
    return { mchid: mchidOf(mchid), orderNo: orderNoOf(orderNo), outRefundNo: outRefundNoOf(outRefundNo), isStalled };
  });
}

type Due = { readonly dueBefore: Date; readonly now: Date };

/** Its workflow cannot go on, or (null) does again. The first time stays. */
export async function markStalled(db: Db, ref: OrderRef, since: Date | null, now: Date): Promise<void> {
  await withTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, ref);
    if (standing === undefined || (standing.order.stalledSince === null) === (since === null)) return;
    const { order, events } = standing;
    await writeOrder(tx, order, settled(order, { ...order, stalledSince: since }, events, now));
  });
}

/** As {@link markStalled}; its order shows it. */
export async function markRefundStalled(
  db: Db,
  ref: RefundRef & OrderRef,
  since: Date | null,
  now: Date,
): Promise<void> {
  await withTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, ref);
    const refund = standing?.order.refunds.find(({ outRefundNo }) => outRefundNo === ref.outRefundNo);
    if (standing === undefined || refund === undefined) return;
    if ((refund.stalledSince === null) === (since === null)) return;
    await tx.update(refunds).set({ stalledSince: since }).where(isRefund(ref));
    await settleRefunds(tx, standing, now);
  });
}
