import type { AttemptRecord, OrderRecord } from '../../../src/domain/order/record.js';
import type { OrderProjection } from '../../../src/domain/order/projection.js';
import { DEFAULT_POLICY } from '../../../src/domain/policy.js';
import { APPID, DEADLINE_MS, fen, FIRST, MCHID, ORDER_NO, SECOND, START_MS } from './fixtures.js';

/** An order as Postgres holds it, with one attempt that was never sent. */
export function aRow(
  order: Partial<OrderRecord> = {},
  attempts: readonly Partial<AttemptRecord>[] = [{}],
): OrderRecord {
  return {
    mchid: MCHID,
    orderNo: ORDER_NO,
    version: 1,
    state: 'creating',
    closedReason: null,
    reviewReason: null,
    ending: null,
    stuckReason: null,
    stuckSince: null,
    ownStuckReason: null,
    amountFen: fen(1200),
    paidAttempt: null,
    paidFen: fen(0),
    returnedFen: fen(0),
    fulfilment: 'none',
    description: 'Tea',
    attach: null,
    metadata: null,
    policy: DEFAULT_POLICY,
    bodyHash: 'hash',
    expiresInSeconds: 7200,
    expiresAt: new Date(DEADLINE_MS),
    createdAt: new Date(START_MS),
    paidAt: null,
    foundBy: null,
    closedAt: null,
    dueAt: null,
    stalledSince: null,
    refunds: [],
    paidEvent: null,
    ...order,
    attempts: attempts.map((attempt, index) =>
      anAttemptRow({ outTradeNo: index === 0 ? FIRST : SECOND, number: index + 1, appid: APPID, ...attempt }),
    ),
  };
}

/** An attempt that was never sent. */
export function anAttemptRow(attempt: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    outTradeNo: FIRST,
    number: 1,
    product: 'native',
    appid: APPID,
    state: 'preparing',
    codeUrl: null,
    prepayId: null,
    h5Url: null,
    codeExpiresAt: null,
    prepayStartedAt: null,
    codeGiven: false,
    prepayUnknown: false,
    foreign: false,
    transactionId: null,
    paidFen: fen(0),
    paidAt: null,
    refundedFen: fen(0),
    refundingFen: fen(0),
    payment: null,
    refusal: null,
    gateway: null,
    attemptKey: null,
    bodyHash: null,
    ...attempt,
  };
}

/** The row after a projection was written: what orders' events follow from. */
export function recordOf(before: OrderRecord, projection: OrderProjection): OrderRecord {
  const { state, closedReason, reviewReason, stuckReason, fulfilment, paidAttempt, paidFen } = projection;
  return {
    ...{ ...before, state, closedReason, reviewReason, fulfilment, paidAttempt, paidFen },
    ownStuckReason: stuckReason,
    paidAt: projection.paidAtMs === null ? null : new Date(projection.paidAtMs),
    closedAt: projection.closedAtMs === null ? null : new Date(projection.closedAtMs),
  };
}

export const openRow = { state: 'open', codeGiven: true, prepayStartedAt: new Date(START_MS) } as const;
