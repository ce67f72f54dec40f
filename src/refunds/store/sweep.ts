import { and, asc, eq, lt, sql } from 'drizzle-orm';
import { withTransaction, type Db } from '../../db/connection.js';
import { refunds } from '../../db/schema.js';
import { mchidOf, orderNoOf, outRefundNoOf } from '../../db/stored-values.js';
import { isFree, isUnsettledRefund } from '../../db/unfinished.js';
import type { RefundRecord } from '../rules/record.js';
import { lockStanding, settleRefunds } from '../../orders/store/change.js';
import type { OrderRef } from '../../orders/store/order.js';
import type { Due } from '../../orders/store/sweep.js';
import { isRefund, refundColumns, refundRecord, type RefundRef } from './record.js';

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
  const rows = await db
    .with(due)
    .update(refunds)
    .set({ sweptAt: sql`now()` })
    .from(due)
    .where(and(eq(refunds.mchid, due.mchid), eq(refunds.outRefundNo, due.outRefundNo)))
    .returning(refundColumns);
  return rows.map(refundRecord);
}

export type LateRefund = RefundRef & OrderRef & { readonly isStalled: boolean };

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
  const rows = await db
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
    });
  return rows.map(({ mchid, orderNo, outRefundNo, isStalled }) => {
    return { mchid: mchidOf(mchid), orderNo: orderNoOf(orderNo), outRefundNo: outRefundNoOf(outRefundNo), isStalled };
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
