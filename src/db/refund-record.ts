import type { Mchid, OutRefundNo } from '../domain/ids.js';
import type { RefundRecord } from '../domain/refund/record.js';
import { refunds } from './schema.js';
import { fenOf, mchidOf, orderNoOf, outRefundNoOf, outTradeNoOf } from './stored-ids.js';

export type RefundRef = { readonly mchid: Mchid; readonly outRefundNo: OutRefundNo };

/** What a reader of refunds needs; the rest guards and sweeps. */
export const refundColumns = {
  mchid: refunds.mchid,
  outRefundNo: refunds.outRefundNo,
  seq: refunds.seq,
  orderNo: refunds.orderNo,
  outTradeNo: refunds.outTradeNo,
  amountFen: refunds.amountFen,
  totalFen: refunds.totalFen,
  state: refunds.state,
  cause: refunds.cause,
  reason: refunds.reason,
  offline: refunds.offline,
  refundId: refunds.refundId,
  predecessor: refunds.predecessor,
  trouble: refunds.trouble,
  createdAt: refunds.createdAt,
  appliedAt: refunds.appliedAt,
  succeededAt: refunds.succeededAt,
};

export type RefundRow = Pick<typeof refunds.$inferSelect, keyof typeof refundColumns>;

export function refundRecord({ seq: _seq, ...row }: RefundRow): RefundRecord {
  return {
    ...row,
    mchid: mchidOf(row.mchid),
    outRefundNo: outRefundNoOf(row.outRefundNo),
    orderNo: orderNoOf(row.orderNo),
    outTradeNo: outTradeNoOf(row.outTradeNo),
    amountFen: fenOf(row.amountFen),
    totalFen: fenOf(row.totalFen),
    predecessor: row.predecessor === null ? null : outRefundNoOf(row.predecessor),
  };
}
