import { outTradeNoOf } from '../../../../src/domain/ids.js';
import type { AttemptRecord, OrderRecord } from '../../../../src/domain/order/record.js';
import { DEFAULT_POLICY } from '../../../../src/domain/policy.js';
import { fen, MCHID, orderNoFrom } from './checkout-order.js';

const ORDER_NO = orderNoFrom('A-1001');

/** An order as Postgres would give it, without Postgres: valid, and one thing changed. */
export function orderRecord(changed: Partial<OrderRecord> = {}): OrderRecord {
  const createdAt = new Date('2026-03-01T12:00:00Z');
  return {
    mchid: MCHID,
    orderNo: ORDER_NO,
    version: 1,
    state: 'creating',
    closedReason: null,
    reviewReason: null,
    stuckReason: null,
    stuckSince: null,
    amountFen: fen(1200),
    paidAttempt: null,
    paidFen: fen(0),
    payerFen: fen(0),
    returnedFen: fen(0),
    fulfilment: 'none',
    description: 'Tea',
    attach: null,
    metadata: null,
    policy: DEFAULT_POLICY,
    bodyHash: 'hash',
    expiresInSeconds: 900,
    expiresAt: new Date(createdAt.getTime() + 900_000),
    createdAt,
    paidAt: null,
    closedAt: null,
    attempts: [attemptRecord()],
    ...changed,
  };
}

export function attemptRecord(changed: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    outTradeNo: outTradeNoOf(ORDER_NO, changed.number ?? 1),
    number: 1,
    product: 'native',
    appid: 'wx0000000000000001',
    state: 'preparing',
    codeUrl: null,
    prepayId: null,
    h5Url: null,
    codeExpiresAt: null,
    prepayStartedAt: null,
    codeGiven: false,
    prepayUnknown: false,
    transactionId: null,
    paidFen: fen(0),
    refundedFen: fen(0),
    refundingFen: fen(0),
    refusal: null,
    attemptKey: null,
    bodyHash: null,
    ...changed,
  };
}
