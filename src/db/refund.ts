import { and, eq, isNull, lte, ne, or } from 'drizzle-orm';
import type { GatewayRefusal } from '../domain/gateway-answer.js';
import { shopRefundObjection, type RefundObjection } from '../domain/refund/guard.js';
import type { Fen } from '../base/money.js';
import type { RefundRecord } from '../domain/refund/record.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { guarded } from './failure.js';
import { settleRefunds } from './order-change.js';
import { lockStanding, seenByReaders } from './order-lock.js';
import type { AttemptRef, OrderRef } from './order.js';
import { isNews } from './refusal.js';
import { insertRefund, isRefund, refundColumns, refundRecord, type RefundRef } from './refund-record.js';
import { attempts, refunds } from './schema.js';

export { markRefundNotWritten, projectRefund, type ProjectedRefund } from './refund-projection.js';
export { recordExternalRefund, type ExternalRecorded } from './refund-external.js';
export { recordRefundDetails, type RefundRef } from './refund-record.js';
export { reserveReissue, reserveReturn, type ReturnRequest, type ReturnReservation } from './refund-return.js';

export type RefundRequest = OrderRef &
  RefundRef & {
    readonly amountFen: Fen;
    readonly reason: string | null;
    readonly bodyHash: string;
    readonly now: Date;
  };

export type RefundReservation =
  | { readonly refund: RefundRecord; readonly created: boolean }
  | 'order_not_found'
  | 'refund_conflict'
  | RefundObjection;

/**
 * The shop's refund of the payment that made the order paid, and its money held, in one transaction. The same number with the
 * same body is the same refund, whatever became of it; with another body or order it is a conflict.
 */
export async function reserveRefund(db: Db | Tx, request: RefundRequest): Promise<RefundReservation> {
  return withTransaction(db, async (tx): Promise<RefundReservation> => {
    const standing = await lockStanding(tx, request);
    if (standing === undefined) return 'order_not_found';
    const known = await sameNumber(tx, request);
    if (known !== undefined) return known;
    const objection = shopRefundObjection(standing.order, request.amountFen, request.now);
    if (objection !== undefined) return objection;
    const attempt = standing.order.attempts.find((it) => it.outTradeNo === standing.order.paidAttempt);
    if (attempt === undefined) throw new Error('A paid order has no paid attempt');
    const { mchid, orderNo, outRefundNo, amountFen, reason, bodyHash, now: createdAt } = request;
    const { outTradeNo, paidFen: totalFen } = attempt;
    const money = { orderNo, outTradeNo, amountFen, totalFen };
    const terms = { mchid, outRefundNo, ...money, cause: 'shop', reason, bodyHash, createdAt } as const;
    const refund = await insertRefund(tx, terms);
    // Another order took the number at this moment.
    if (refund === undefined) return 'refund_conflict';
    await settleRefunds(tx, standing, request.now);
    return { refund, created: true };
  });
}

async function sameNumber(tx: Tx, request: RefundRequest): Promise<RefundReservation | undefined> {
  const [row] = await tx
    .select({ refund: refundColumns, bodyHash: refunds.bodyHash })
    .from(refunds)
    .where(isRefund(request));
  if (row === undefined) return undefined;
  const refund = refundRecord(row.refund);
  const isSame = refund.orderNo === request.orderNo && row.bodyHash === request.bodyHash;
  return isSame ? { refund, created: false } : 'refund_conflict';
}

export async function loadRefund(db: Db | Tx, ref: RefundRef): Promise<RefundRecord | undefined> {
  const rows = await guarded(() => db.select(refundColumns).from(refunds).where(isRefund(ref)));
  return rows.map(refundRecord)[0];
}

/** WeChat Pay takes new refunds of one trade a minute apart. */
const BETWEEN_APPLIES_MS = 60_000;

export type ApplyClaim =
  { readonly kind: 'go'; readonly again: boolean } | { readonly kind: 'wait'; readonly untilMs: number };

/**
 * Before a refund is applied for. `again`: it was before, with whatever effect. Of an attempt's refunds that never were, one
 * may go a minute; the others learn until when to wait.
 */
export async function claimRefundApply(db: Db | Tx, ref: RefundRef, now: Date): Promise<ApplyClaim> {
  return withTransaction(db, async (tx): Promise<ApplyClaim> => {
    const [refund] = await tx
      .select({ mchid: refunds.mchid, outTradeNo: refunds.outTradeNo, appliedAt: refunds.appliedAt })
      .from(refunds)
      .where(isRefund(ref))
      .for('no key update');
    if (refund === undefined) throw new Error('An apply was claimed for a refund that was never reserved');
    if (refund.appliedAt !== null) return { kind: 'go', again: true };
    const ofAttempt = and(eq(attempts.mchid, refund.mchid), eq(attempts.outTradeNo, refund.outTradeNo));
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

/** Keeps what a refund was answered in its place: readers of the order see it. */
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

/**
 * What the known refunds of this attempt, PaySaga's or not, have given back or are about to; null where none of them explains why
 * WeChat Pay says REFUND.
 */
export async function knownRefunds(db: Db | Tx, { mchid, outTradeNo }: AttemptRef): Promise<number | null> {
  const rows = await guarded(() =>
    db
      .select({ amountFen: refunds.amountFen, state: refunds.state })
      .from(refunds)
      .where(and(eq(refunds.mchid, mchid), eq(refunds.outTradeNo, outTradeNo), ne(refunds.state, 'rejected'))),
  );
  const held = rows.filter(({ state }) => state !== 'closed');
  return rows.length === 0 ? null : held.reduce((sum, { amountFen }) => sum + amountFen, 0);
}
