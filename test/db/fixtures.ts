import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { parseMchid, parseOrderNo, type Mchid, type OrderNo, type OutTradeNo } from '../../src/base/ids.js';
import { parseFen, type Fen } from '../../src/base/money.js';
import type { AttemptProjection, OrderProjection } from '../../src/orders/rules/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { DEFAULT_POLICY } from '../../src/orders/rules/policy.js';
import type { Result } from '../../src/base/result.js';
import type { NewOrder } from '../../src/orders/store/order.js';

export const TILL = { device: { ip: '203.0.113.7' }, store: { outId: 'shop-7' } };
export const MCHID = mchid('1900000001');
export const CREATED_AT = new Date('2026-03-01T10:00:00.000Z');
export const LATER = new Date('2026-03-01T10:05:00.000Z');

export function mchid(value: string): Mchid {
  return valid(parseMchid(value));
}

export function orderNo(value: string): OrderNo {
  return valid(parseOrderNo(value));
}

export function fen(value: number): Fen {
  return valid(parseFen(value));
}

/** An order that nothing else in the file uses. */
export function newOrder(change: Partial<NewOrder> = {}): NewOrder {
  sequence += 1;
  return {
    mchid: MCHID,
    orderNo: orderNo(`order-${String(sequence).padStart(6, '0')}`),
    bodyHash: 'hash-of-the-body',
    amountFen: fen(1_200),
    description: 'two cups of tea',
    attach: null,
    returnUrl: null,
    metadata: { table: 7 },
    policy: DEFAULT_POLICY,
    expiresInSeconds: 7_200,
    createdAt: CREATED_AT,
    product: 'native',
    appid: 'wx0000000000000001',
    openid: null,
    clientIp: null,
    h5Type: null,
    ...change,
  };
}

let sequence = 0;

export function outTradeNo(order: { orderNo: OrderNo }, attemptNumber = 1): OutTradeNo {
  return nthOutTradeNo(order.orderNo, attemptNumber);
}

/** What a workflow that knows exactly this record would project. */
export function projectionOf(record: OrderRecord, change: Partial<OrderProjection> = {}): OrderProjection {
  return {
    mchid: record.mchid,
    orderNo: record.orderNo,
    state: record.state,
    closedReason: record.closedReason,
    reviewReason: record.reviewReason,
    ending: record.ending,
    stuckReason: record.ownStuckReason,
    expiresAtMs: record.expiresAt.getTime(),
    paidAttempt: record.paidAttempt,
    paidFen: record.paidFen,
    paidAtMs: record.paidAt?.getTime() ?? null,
    foundBy: record.foundBy,
    closedAtMs: record.closedAt?.getTime() ?? null,
    fulfilment: record.fulfilment,
    dueAtMs: null,
    attempts: record.attempts.map(({ outTradeNo, state, transactionId, paidFen, paidAt, prepayUnknown, foreign }) => {
      const paidAtMs = paidAt?.getTime() ?? null;
      return { outTradeNo, state, transactionId, paidFen, paidAtMs, prepayUnknown, foreign };
    }),
    ...change,
  };
}

/** The order is paid by its first attempt, in full. */
export function paid(record: OrderRecord, transactionId = `wx-${record.orderNo}`): OrderProjection {
  const [first, ...others] = projectionOf(record).attempts;
  if (first === undefined) throw new Error('an order has an attempt');
  const succeeded: AttemptProjection = {
    ...first,
    state: 'succeeded',
    transactionId,
    paidFen: record.amountFen,
    paidAtMs: LATER.getTime(),
  };
  return projectionOf(record, {
    state: 'paid',
    paidAttempt: first.outTradeNo,
    paidFen: record.amountFen,
    paidAtMs: LATER.getTime(),
    attempts: [succeeded, ...others],
  });
}

/** The order is closed, and all its attempts with it. */
export function closed(record: OrderRecord, closedReason: 'expired' | 'cancelled' = 'expired'): OrderProjection {
  return projectionOf(record, {
    state: 'closed',
    closedReason,
    closedAtMs: LATER.getTime(),
    attempts: projectionOf(record).attempts.map((attempt) => ({ ...attempt, state: 'closed' })),
  });
}

function valid<T>(parsed: Result<T, string>): T {
  if (!parsed.ok) throw new Error(`not valid: ${parsed.error}`);
  return parsed.value;
}
