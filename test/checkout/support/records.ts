import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { returnNoOf } from '../../../src/base/ids.js';
import type { AttemptRecord, OrderRecord } from '../../../src/orders/rules/record.js';
import type { RefundRecord } from '../../../src/refunds/rules/record.js';
import { anAttemptRow, aRow } from '../../orders/rules/rows.js';
import { fen, MCHID, orderNoFrom } from './checkout-order.js';

const ORDER_NO = orderNoFrom('A-1001');

/** An order as Postgres would give it, without Postgres: valid, and one thing changed. */
export function orderRecord(changed: Partial<OrderRecord> = {}): OrderRecord {
  const createdAt = new Date('2026-03-01T12:00:00Z');
  return {
    ...aRow({ mchid: MCHID, orderNo: ORDER_NO, createdAt }),
    expiresInSeconds: 900,
    expiresAt: new Date(createdAt.getTime() + 900_000),
    attempts: [attemptRecord()],
    ...changed,
  };
}

export function attemptRecord(changed: Partial<AttemptRecord> = {}): AttemptRecord {
  return anAttemptRow({
    outTradeNo: nthOutTradeNo(ORDER_NO, changed.number ?? 1),
    appid: 'wx0000000000000001',
    ...changed,
  });
}

/** PaySaga's own refund of the first attempt, under way. */
export function refundRecord(changed: Partial<RefundRecord> = {}): RefundRecord {
  const outTradeNo = nthOutTradeNo(ORDER_NO, 1);
  return {
    mchid: MCHID,
    outRefundNo: returnNoOf(outTradeNo),
    orderNo: ORDER_NO,
    outTradeNo,
    amountFen: fen(1200),
    totalFen: fen(1200),
    state: 'processing',
    cause: 'late_payment',
    reason: null,
    offline: false,
    refundId: null,
    channel: null,
    receivedAccount: null,
    acceptedAt: null,
    gateway: null,
    predecessor: null,
    stalledSince: null,
    trouble: null,
    createdAt: new Date('2026-03-01T13:00:00Z'),
    appliedAt: null,
    succeededAt: null,
    ...changed,
  };
}
