import { and, asc, eq, lt, sql, type SQL } from 'drizzle-orm';
import { withTransaction, type Db } from './connection.js';
import { guarded } from './failure.js';
import { inboxColumns, inboxRow, type InboxRow } from './inbox-row.js';
import { keepEvidence } from './notify-inbox.js';
import type { RefundRecord } from '../domain/refund/record.js';
import { mchidOf, orderNoOf } from './stored-ids.js';
import type { OrderRef } from './order.js';
import { refundColumns, refundRecord } from './refund-record.js';
import { attempts, bulks, merchantEvents, notifyInbox, orders, refunds } from './schema.js';
import { isFree, isUnfinishedNotify, isUnfinishedOrder, isUnsettledRefund } from './unfinished.js';

/*
 * What a crash may have left without its workflow. Each call claims what it gives: nobody is offered it again for a
 * minute, so that several sweepers share the work, and rows nobody can help leave room for the rest.
 */

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

/**
 * Refunds that should have been applied for by now, and every hour those that WeChat Pay has not ended: their workflow may be
 * gone, and to start it again where it is not changes nothing.
 */
export async function findRequestedRefunds(db: Db, createdBefore: Date, limit: number): Promise<RefundRecord[]> {
  const requested = sql`${refunds.state} = 'requested' and ${lt(refunds.createdAt, createdBefore)} and ${isFree(refunds.sweptAt)}`;
  const underWay = sql`${refunds.state} in ('processing', 'abnormal') and coalesce(${refunds.sweptAt}, ${refunds.createdAt}) < now() - interval '1 hour'`;
  const due = db.$with('due').as(
    db
      .select({ mchid: refunds.mchid, outRefundNo: refunds.outRefundNo })
      .from(refunds)
      .where(sql`${isUnsettledRefund} and ((${requested}) or (${underWay}))`)
      .orderBy(sql`${refunds.sweptAt} asc nulls first`, asc(refunds.createdAt))
      .limit(limit)
      .for('no key update', { skipLocked: true }),
  );
  const rows = await guarded(() =>
    db
      .with(due)
      .update(refunds)
      .set({ sweptAt: sql`now()` })
      .from(due)
      .where(and(eq(refunds.mchid, due.mchid), eq(refunds.outRefundNo, due.outRefundNo)))
      .returning(refundColumns),
  );
  return rows.map(refundRecord);
}

export type EventRef = OrderRef & { readonly id: string };

/** Events that the shop should have been told by now. */
export async function findUndeliveredEvents(db: Db, dueBefore: Date, limit: number): Promise<EventRef[]> {
  const dueAt = sql`coalesce(${merchantEvents.nextAt}, ${merchantEvents.createdAt})`;
  const isDue = sql`${dueAt} < ${sql.param(dueBefore, merchantEvents.createdAt)}`;
  const due = db.$with('due').as(
    db
      .select({ id: merchantEvents.id })
      .from(merchantEvents)
      .where(sql`${merchantEvents.status} = 'pending' and ${isDue} and ${isFree(merchantEvents.sweptAt)}`)
      .orderBy(sql`${merchantEvents.sweptAt} asc nulls first`, dueAt)
      .limit(limit)
      .for('no key update', { skipLocked: true }),
  );
  const rows = await guarded(() =>
    db
      .with(due)
      .update(merchantEvents)
      .set({ sweptAt: sql`now()` })
      .from(due)
      .where(eq(merchantEvents.id, due.id))
      .returning({ id: merchantEvents.id, mchid: merchantEvents.mchid, orderNo: merchantEvents.orderNo }),
  );
  return rows.map((row) => ({ id: row.id, mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo) }));
}

/** Bulks that have not ended: their workflow may be gone, and to start it again where it is not changes nothing. */
export async function findUnfinishedBulks(db: Db, createdBefore: Date, limit: number): Promise<string[]> {
  const due = db.$with('due').as(
    db
      .select({ id: bulks.id })
      .from(bulks)
      .where(sql`${bulks.finishedAt} is null and ${lt(bulks.createdAt, createdBefore)} and ${isFree(bulks.sweptAt)}`)
      .orderBy(sql`${bulks.sweptAt} asc nulls first`, asc(bulks.createdAt))
      .limit(limit)
      .for('no key update', { skipLocked: true }),
  );
  const rows = await guarded(() =>
    db
      .with(due)
      .update(bulks)
      .set({ sweptAt: sql`now()` })
      .from(due)
      .where(eq(bulks.id, due.id))
      .returning({ id: bulks.id }),
  );
  return rows.map(({ id }) => id);
}

/** Verified notifies whose order was not told, among them those whose order was placed only after they came. */
export function findUnsignalled(db: Db, receivedBefore: Date, limit: number): Promise<InboxRow[]> {
  return withTransaction(db, async (tx) => {
    const due = tx.$with('due').as(
      tx
        .select({ id: notifyInbox.id, orderNo: sql<string>`${attempts.orderNo}`.as('due_order_no') })
        .from(notifyInbox)
        .innerJoin(
          attempts,
          and(eq(attempts.mchid, notifyInbox.mchid), eq(attempts.outTradeNo, notifyInbox.outTradeNo)),
        )
        .where(
          sql`${isUnfinishedNotify} and ${lt(notifyInbox.receivedAt, receivedBefore)} and ${isFree(notifyInbox.sweptAt)}`,
        )
        .orderBy(sql`${notifyInbox.sweptAt} asc nulls first`, asc(notifyInbox.receivedAt))
        .limit(limit)
        .for('no key update', { of: notifyInbox, skipLocked: true }),
    );
    const rows = await tx
      .with(due)
      .update(notifyInbox)
      .set({ sweptAt: sql`now()`, status: 'verified', orderNo: sql`${due.orderNo}` })
      .from(due)
      .where(eq(notifyInbox.id, due.id))
      .returning(inboxColumns);
    const claimed = rows.map(inboxRow);
    for (const row of claimed) await keepEvidence(tx, row);
    return claimed;
  });
}

async function claimOrders(db: Db, condition: SQL, limit: number): Promise<OrderRef[]> {
  const due = db.$with('due').as(
    db
      .select({ mchid: orders.mchid, orderNo: orders.orderNo })
      .from(orders)
      .where(sql`${condition} and ${isFree(orders.sweptAt)}`)
      .orderBy(sql`${orders.sweptAt} asc nulls first`, asc(orders.createdAt))
      .limit(limit)
      .for('no key update', { skipLocked: true }),
  );
  const rows = await guarded(() =>
    db
      .with(due)
      .update(orders)
      .set({ sweptAt: sql`now()` })
      .from(due)
      .where(and(eq(orders.mchid, due.mchid), eq(orders.orderNo, due.orderNo)))
      .returning({ mchid: orders.mchid, orderNo: orders.orderNo }),
  );
  return rows.map((row) => ({ mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo) }));
}
