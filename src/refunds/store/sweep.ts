import { lt, sql } from 'drizzle-orm';
import { withTransaction, type Db } from '../../db/connection.js';
import { refunds } from '../../db/schema.js';
import { claimed, isUnsettledRefund, lockedFirst, SWEPT_NOW } from '../../db/unfinished.js';
import type { RefundRecord } from '../rules/record.js';
import { lockStanding, settleRefunds } from '../../orders/store/change.js';
import type { OrderRef } from '../../orders/store/order.js';
import type { Due } from '../../orders/store/sweep.js';
import type { RefundStateName } from '../rules/states.js';
import { isRefund, refundColumns, refundRecord, type RefundRef } from './record.js';

/**
 * Refunds that should have been applied for by now, and every hour those that WeChat Pay has not ended: their workflow may be
 * gone, and starting one that runs changes nothing.
 */
export async function findRequestedRefunds(db: Db, createdBefore: Date, limit: number): Promise<RefundRecord[]> {
  const { state, createdAt, sweptAt } = refunds;
  const requested = sql`${state} = 'requested' and ${lt(createdAt, createdBefore)}`;
  const underWay = sql`${state} in ('processing', 'abnormal') and coalesce(${sweptAt}, ${createdAt}) < now() - interval '1 hour'`;
  const isDue = sql`${isUnsettledRefund} and ((${requested}) or (${underWay}))`;
  const rows = await db
    .update(refunds)
    .set(SWEPT_NOW)
    .where(claimed(refunds, KEY, { isDue, since: createdAt, limit }))
    .returning(refundColumns);
  return rows.map(refundRecord);
}

/** As {@link findLateOrders}. Calls name no refund: Temporal is asked about each. */
export async function findLateRefunds(db: Db, { dueBefore, now }: Due, limit: number): Promise<RefundRecord[]> {
  const { nextDueAt } = refunds;
  const rows = await db
    .update(refunds)
    .set({ nextDueAt: now })
    .where(lockedFirst(refunds, KEY, sql`${lt(nextDueAt, dueBefore)} order by ${nextDueAt} limit ${limit}`))
    .returning(refundColumns);
  return rows.map(refundRecord);
}

/** As {@link markStalled}; its order shows it. */
export async function markRefundStalled(
  db: Db,
  ref: RefundRef & OrderRef & { readonly state?: RefundStateName },
  isStalled: boolean,
  now: Date,
): Promise<void> {
  await withTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, ref);
    const refund = standing?.order.refunds.find(({ outRefundNo }) => outRefundNo === ref.outRefundNo);
    if (standing === undefined || refund === undefined) return;
    if ((refund.stalledSince !== null) === isStalled) return;
    if (isStalled && refund.state !== (ref.state ?? refund.state)) return;
    const stalledSince = isStalled ? now : null;
    await tx.update(refunds).set({ stalledSince }).where(isRefund(ref));
    await settleRefunds(tx, standing, now);
  });
}

const KEY = [refunds.mchid, refunds.outRefundNo];
