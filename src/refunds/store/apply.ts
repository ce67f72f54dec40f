import { and, eq, isNull, lte, ne, or } from 'drizzle-orm';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { attempts, refunds } from '../../db/schema.js';
import { isNews } from '../../db/stored-values.js';
import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import { BETWEEN_APPLIES_MS } from '../rules/next-step.js';
import { seenByReaders } from '../../orders/store/change.js';
import type { AttemptRef, OrderRef } from '../../orders/store/order.js';
import { isRefund, type RefundRef } from './record.js';

type ApplyClaim =
  { readonly kind: 'go'; readonly again: boolean } | { readonly kind: 'wait'; readonly untilMs: number };

/** `again`: an apply left before, with whatever effect. Of an attempt's first applies one may go a minute. */
export async function claimRefundApply(db: Db | Tx, ref: RefundRef, now: Date): Promise<ApplyClaim> {
  return withTransaction(db, async (tx): Promise<ApplyClaim> => {
    const [refund] = await tx
      .select({ outTradeNo: refunds.outTradeNo, appliedAt: refunds.appliedAt })
      .from(refunds)
      .where(isRefund(ref))
      .for('no key update');
    if (refund === undefined) throw new Error('An apply was claimed for a refund that was never reserved');
    if (refund.appliedAt !== null) return { kind: 'go', again: true };
    const ofAttempt = and(eq(attempts.mchid, ref.mchid), eq(attempts.outTradeNo, refund.outTradeNo));
    const free = lte(attempts.refundAppliedAt, new Date(now.getTime() - BETWEEN_APPLIES_MS));
    const claimed = await tx
      .update(attempts)
      .set({ refundAppliedAt: now })
      .where(and(ofAttempt, or(isNull(attempts.refundAppliedAt), free)))
      .returning({ number: attempts.number });
    if (claimed.length === 0) {
      const [attempt] = await tx.select({ last: attempts.refundAppliedAt }).from(attempts).where(ofAttempt);
      return { kind: 'wait', untilMs: (attempt?.last ?? now).getTime() + BETWEEN_APPLIES_MS };
    }
    await tx.update(refunds).set({ appliedAt: now }).where(isRefund(ref));
    return { kind: 'go', again: false };
  });
}

export async function recordRefundAnswer(
  db: Db | Tx,
  ref: RefundRef & OrderRef,
  answer: GatewayRefusal,
): Promise<void> {
  await seenByReaders(db, ref, async (tx) => {
    const [row] = await tx.select({ gateway: refunds.gateway }).from(refunds).where(isRefund(ref));
    if (!isNews(row?.gateway, answer)) return [];
    return tx.update(refunds).set({ gateway: answer }).where(isRefund(ref)).returning({ seq: refunds.seq });
  });
}

/** Sum of the attempt's known refunds, PaySaga's or not; null where none of them explains why WeChat Pay says REFUND. */
export async function knownRefunds(db: Db | Tx, { mchid, outTradeNo }: AttemptRef): Promise<number | null> {
  const rows = await db
    .select({ amountFen: refunds.amountFen, state: refunds.state })
    .from(refunds)
    .where(and(eq(refunds.mchid, mchid), eq(refunds.outTradeNo, outTradeNo), ne(refunds.state, 'rejected')));
  const reserved = rows.filter(({ state }) => state !== 'closed');
  return rows.length === 0 ? null : reserved.reduce((sum, { amountFen }) => sum + amountFen, 0);
}
