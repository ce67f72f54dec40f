import { parseOutRefundNo } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { refunds } from '../../db/schema.js';
import type { RefundDetails, RefundFact } from '../../orders/rules/gateway-answer.js';
import { lockStanding, settleRefunds, type Standing } from '../../orders/store/change.js';
import type { OrderRef } from '../../orders/store/order.js';
import { emitEvents } from '../../shop-events/store/outbox.js';
import { isTakenOver } from '../rules/guard.js';
import type { RefundRecord } from '../rules/record.js';
import { projectRefund } from './projection.js';
import { insertRefund, isRefund, recordRefundDetails, refundColumns, refundRecord, type RefundRef } from './record.js';
import { reserveNext, reserveRest } from './reserve.js';

/**
 * `payment_unknown`: no query has shown the refunded payment yet; `foreign`: the payment is somebody else's; `number_taken`: it is of
 * this order, and its number that of another order's refund here.
 */
type ExternalRecorded =
  | { readonly kind: 'recorded'; readonly refund: RefundRecord; readonly successor: RefundRecord | null }
  | { readonly kind: 'of_another_order' | 'number_taken' | 'payment_unknown' | 'foreign' };

type ExternalFact = { readonly fact: RefundFact; readonly details: RefundDetails; readonly now: Date };

/**
 * Keeps a refund that somebody else made as a refund query says it is: a fact that nothing refuses and that leaves PaySaga less to
 * give back. One whose number PaySaga or the shop asked for with other terms becomes it; any other known one stays as it is.
 * `successor`, to be started, takes the place of one of PaySaga's own that became it or was refused because of it.
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
    const isHere = known?.orderNo === ref.orderNo;
    if (isHere && !isTakenOver(known, fact)) return { kind: 'recorded', refund: known, successor: null };
    if (standing === undefined || attempt === undefined) return { kind: 'of_another_order' };
    if (known !== undefined && !isHere) return { kind: 'number_taken' };
    if (attempt.paidFen === 0) return { kind: attempt.foreign ? 'foreign' : 'payment_unknown' };
    const { outTradeNo, paidFen: totalFen } = attempt;
    const { refundFen: amountFen, refundId } = fact;
    const terms = { outTradeNo, amountFen, totalFen, refundId, state: 'processing', cause: 'external' } as const;
    if (known !== undefined) await takeOver(tx, standing, known, { ...terms, nextDueAt: now }, now);
    else {
      const inserted = await insertRefund(tx, { ...number, orderNo: ref.orderNo, ...terms, createdAt: now });
      if (inserted === undefined) return { kind: 'number_taken' };
    }
    await recordRefundDetails(tx, number, { refund: fact, details });
    await settleRefunds(tx, standing, now);
    const said = { state: fact.status, refundId, succeededAtMs: fact.successAtMs, offline: false, trouble: null };
    const { refund } = await projectRefund(tx, { ...number, ...said }, now);
    const next = known === undefined ? null : await reserveNext(tx, known, now);
    const rest = await reserveRest(tx, { ...ref, outTradeNo }, now);
    return { kind: 'recorded', refund, successor: next ?? rest };
  });
}

type Taken = Pick<
  typeof refunds.$inferInsert,
  'outTradeNo' | 'amountFen' | 'totalFen' | 'refundId' | 'state' | 'cause'
>;

/** A trigger moves the sums by the difference. The shop hears that what was asked for came to nothing, unless it was told before. */
async function takeOver(
  tx: Tx,
  standing: Standing,
  asked: RefundRecord & RefundRef,
  taken: Taken & { readonly nextDueAt: Date },
  now: Date,
): Promise<void> {
  const said = { channel: null, receivedAccount: null, acceptedAt: null };
  const ours = { reason: null, bodyHash: null, gateway: null, trouble: null, stalledSince: null };
  await tx
    .update(refunds)
    .set({ ...said, ...ours, ...taken })
    .where(isRefund(asked));
  if (asked.state === 'rejected') return;
  const order = await settleRefunds(tx, standing, now);
  const refund: RefundRecord = { ...asked, ...said, state: 'rejected', trouble: null };
  await emitEvents(tx, { types: ['refund.rejected'], order, refund, late: false }, now);
}
