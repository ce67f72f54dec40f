import { and, eq, getTableColumns } from 'drizzle-orm';
import type { Mchid, OutRefundNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { refunds } from '../../db/schema.js';
import { fenOf, mchidOf, orderNoOf, outRefundNoOf, outTradeNoOf, refusalOf } from '../../db/stored-values.js';
import type { RefundDetails, RefundFact } from '../../orders/rules/gateway-answer.js';
import type { RefundRecord } from '../rules/record.js';

export type RefundRef = { readonly mchid: Mchid; readonly outRefundNo: OutRefundNo };

const { bodyHash, bookedAt, nextDueAt, sweptAt, source, ...refundColumns } = getTableColumns(refunds);

export { refundColumns };

export type RefundRow = Pick<typeof refunds.$inferSelect, keyof typeof refundColumns>;

export function refundRecord({ seq, ...row }: RefundRow): RefundRecord {
  return {
    ...row,
    mchid: mchidOf(row.mchid),
    outRefundNo: outRefundNoOf(row.outRefundNo),
    orderNo: orderNoOf(row.orderNo),
    outTradeNo: outTradeNoOf(row.outTradeNo),
    amountFen: fenOf(row.amountFen),
    totalFen: fenOf(row.totalFen),
    gateway: refusalOf(row.gateway),
    predecessor: row.predecessor === null ? null : outRefundNoOf(row.predecessor),
  };
}

export const isRefund = ({ mchid, outRefundNo }: RefundRef) =>
  and(eq(refunds.mchid, mchid), eq(refunds.outRefundNo, outRefundNo));

/** `undefined` when the number is taken. A trigger holds the money in the attempt's sums. */
export async function insertRefund(tx: Tx, terms: typeof refunds.$inferInsert): Promise<RefundRecord | undefined> {
  const rows = await tx
    .insert(refunds)
    .values({ nextDueAt: terms.createdAt, ...terms })
    .onConflictDoNothing()
    .returning(refundColumns);
  return rows.map(refundRecord)[0];
}

/** Details decide nothing; later ones only add to them. Those of what somebody else made under the number are not this refund's. */
export async function recordRefundDetails(
  db: Db | Tx,
  ref: RefundRef,
  {
    refund,
    details,
  }: { readonly refund: Pick<RefundFact, 'outTradeNo' | 'refundFen'>; readonly details: RefundDetails },
): Promise<void> {
  const { channel, receivedAccount, acceptedAtMs } = details;
  const said = {
    ...(channel === null ? {} : { channel }),
    ...(receivedAccount === null ? {} : { receivedAccount }),
    ...(acceptedAtMs === null ? {} : { acceptedAt: new Date(acceptedAtMs) }),
  };
  if (Object.keys(said).length === 0) return;
  const { outTradeNo, refundFen } = refund;
  const isSame = and(isRefund(ref), eq(refunds.outTradeNo, outTradeNo), eq(refunds.amountFen, refundFen));
  await db.update(refunds).set(said).where(isSame);
}

export async function loadRefund(db: Db | Tx, ref: RefundRef): Promise<RefundRecord | undefined> {
  const rows = await db.select(refundColumns).from(refunds).where(isRefund(ref));
  return rows.map(refundRecord)[0];
}
