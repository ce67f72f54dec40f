import type { RefundDetails, RefundFact } from '../domain/gateway-answer.js';
import { parseOutRefundNo } from '../base/ids.js';
import type { RefundRecord } from '../domain/refund/record.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { settleRefunds } from './order-change.js';
import { lockStanding } from './order-lock.js';
import type { OrderRef } from './order.js';
import { projectRefund } from './refund-projection.js';
import { insertRefund, isRefund, recordRefundDetails, refundColumns, refundRecord } from './refund-record.js';
import { reserveRest } from './refund-return.js';
import { refunds } from './schema.js';

/** `payment_unknown`: no query has shown PaySaga the payment it is of yet; `foreign`: nor will one, since it is somebody else's. */
export type ExternalRecorded =
  | { readonly kind: 'recorded'; readonly refund: RefundRecord; readonly successor: RefundRecord | null }
  | { readonly kind: 'of_another_order' | 'payment_unknown' | 'foreign' };

type ExternalFact = { readonly fact: RefundFact; readonly details: RefundDetails; readonly now: Date };

/**
 * Keeps a refund that somebody else made, exactly as a refund query says it is. It is a fact: nothing refuses it, and what PaySaga
 * may still give back is less by it. `successor`: takes the place of one of PaySaga's own that was refused because of it. One that
 * is known already stays as it is.
 */
export async function recordExternalRefund(
  db: Db | Tx,
  { fact, details, now, ...ref }: OrderRef & ExternalFact,
): Promise<ExternalRecorded> {
  const outRefundNo = parseOutRefundNo(fact.outRefundNo);
  if (!outRefundNo.ok) throw new Error('A refund query answered for a number nobody can have asked for');
  const number = { mchid: ref.mchid, outRefundNo: outRefundNo.value };
  return withTransaction(db, async (tx): Promise<ExternalRecorded> => {
    const standing = await lockStanding(tx, ref);
    const attempt = standing?.order.attempts.find(({ outTradeNo }) => outTradeNo === fact.outTradeNo);
    const [row] = await tx.select(refundColumns).from(refunds).where(isRefund(number));
    const known = row && refundRecord(row);
    if (known?.orderNo === ref.orderNo) return { kind: 'recorded', refund: known, successor: null };
    if (standing === undefined || attempt === undefined || known !== undefined) return { kind: 'of_another_order' };
    if (attempt.paidFen === 0) return { kind: attempt.foreign ? 'foreign' : 'payment_unknown' };
    const { outTradeNo, paidFen: totalFen } = attempt;
    const { refundFen: amountFen, refundId } = fact;
    const money = { orderNo: ref.orderNo, outTradeNo, amountFen, totalFen };
    const terms = { ...number, ...money, refundId, state: 'processing', cause: 'external', createdAt: now } as const;
    if ((await insertRefund(tx, terms)) === undefined) return { kind: 'of_another_order' };
    await recordRefundDetails(tx, number, details);
    await settleRefunds(tx, standing, now);
    const said = {
      ...number,
      state: fact.status,
      refundId,
      succeededAtMs: fact.successAtMs,
      offline: false,
      trouble: null,
    };
    const { refund } = await projectRefund(tx, said, now);
    return { kind: 'recorded', refund, successor: await reserveRest(tx, { ...ref, outTradeNo }, now) };
  });
}
