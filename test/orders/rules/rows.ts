import type { AttemptRecord, OrderRecord } from '../../../src/orders/rules/record.js';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import { backOf, newAttempt } from '../../../src/orders/rules/attempt.js';
import type { OrderState } from '../../../src/orders/rules/state.js';
import { flattened } from './flat.js';
import { storedOrder, type LoadedOrder, type StoredOrder } from '../../../src/orders/rules/stored.js';
import { projectionOf, type OrderProjection } from '../../../src/orders/rules/projection.js';
import { DEFAULT_POLICY } from '../../../src/orders/rules/policy.js';
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
    returnUrl: null,
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
    reversing: false,
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

/** Postgres is read, and holds nothing beside this row. */
export const loaded = (record: OrderRecord): OrderEvent => loadedOf(storedOrder(record));

export const loadedOf = (order: StoredOrder, also: Partial<LoadedOrder> = {}): OrderEvent => ({
  type: 'loaded',
  loaded: { order, outbox: [], evidence: [], asked: [], ...also },
});

/** The row of an order all of which is written. */
export function storedOf(order: OrderState): StoredOrder {
  const projection = projectionOf(order);
  const { amountFen, createdAtMs, policy, attempts } = order;
  const begun = attempts.flatMap((attempt) => {
    const { outTradeNo } = attempt;
    const back = backOf(attempt);
    return back?.state === 'started' ? [{ outTradeNo, cause: back.cause, state: 'requested' } as const] : [];
  });
  return {
    ...projection,
    ...{ amountFen, createdAtMs, policy, stuckSinceMs: null, paidEvent: null, refunds: begun },
    attempts: projection.attempts.map((written, index) => {
      const { product, appid, firstPrepayAtMs, codeGiven, codeExpiresAtMs, backFen, refused, refusedWith } = flattened(
        attempts[index] ?? newAttempt(FIRST, 'native', APPID),
      );
      return {
        ...{ ...written, product, appid, codeGiven, codeExpiresAtMs, backFen, refusedWith },
        ...{ isPlanned: true, prepayStartedAtMs: firstPrepayAtMs, isRefused: refused },
      };
    }),
  };
}
