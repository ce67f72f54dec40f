import type { Fen } from '../../base/money.js';
import { backOf, isDoubted, isForeign, isUnsettled, paymentOf, type Attempt } from './attempt.js';
import { fulfilmentDueMs } from './fulfilment.js';
import type { AttemptRecord, OrderRecord } from './record.js';
import { closedOf, endingOf, fulfilmentOf, ownPayment, paidOf, reviewReasonOf, type OrderState } from './state.js';
import { isFinal } from './states.js';
import { ownStuckReason } from './trouble.js';

/** What of an order's facts readers see: written to Postgres as a whole, under the order's row lock. Plain JSON. */
export type OrderProjection = Pick<
  OrderRecord,
  | 'mchid'
  | 'orderNo'
  | 'state'
  | 'closedReason'
  | 'reviewReason'
  | 'ending'
  | 'stuckReason'
  | 'paidAttempt'
  | 'paidFen'
  | 'foundBy'
  | 'fulfilment'
> & {
  readonly expiresAtMs: number;
  readonly paidAtMs: number | null;
  readonly closedAtMs: number | null;
  /** Finds what a crash leaves undone. Null when nothing is left, and before the order is final: its deadline tells the same. */
  readonly dueAtMs: number | null;
  readonly attempts: readonly AttemptProjection[];
};

/** `reversing`: only of a charge that is. */
export type AttemptProjection = Pick<
  AttemptRecord,
  'outTradeNo' | 'state' | 'transactionId' | 'paidFen' | 'prepayUnknown' | 'foreign'
> & { readonly paidAtMs: number | null; readonly reversing?: true };

export const NO_MONEY = 0 as Fen;

export function projectionOf(order: Omit<OrderState, 'confirmed'>): OrderProjection {
  const closed = closedOf(order);
  const paid = paidOf(order);
  const payment = ownPayment(order);
  return {
    mchid: order.mchid,
    orderNo: order.orderNo,
    state: order.phase.state,
    closedReason: closed?.reason ?? null,
    reviewReason: reviewReasonOf(order),
    ending: endingOf(order),
    // That Postgres refuses a projection is nothing to project.
    stuckReason: ownStuckReason(order),
    expiresAtMs: order.deadlineMs,
    paidAttempt: paid?.outTradeNo ?? null,
    paidFen: payment?.paidFen ?? NO_MONEY,
    paidAtMs: payment?.paidAtMs ?? null,
    foundBy: paid?.foundBy ?? null,
    closedAtMs: closed?.atMs ?? null,
    fulfilment: fulfilmentOf(order).state,
    dueAtMs: dueAtMs(order),
    attempts: order.attempts.map(attemptProjection),
  };
}

function attemptProjection(attempt: Attempt): AttemptProjection {
  const payment = paymentOf(attempt);
  return {
    outTradeNo: attempt.outTradeNo,
    state: attempt.phase.state,
    transactionId: payment?.transactionId ?? null,
    paidFen: payment?.paidFen ?? NO_MONEY,
    paidAtMs: payment?.paidAtMs ?? null,
    prepayUnknown: attempt.prepay.sent?.isUnknown ?? false,
    foreign: isForeign(attempt),
    ...(attempt.isReversing ? { reversing: true } : {}),
  };
}

/** Something a reader sees is not in Postgres yet. */
export const isChanged = (order: OrderState): boolean =>
  JSON.stringify(projectionOf(order)) !== JSON.stringify(order.confirmed);

/** Postgres holds all that is known here, and nothing that is not. */
export const isWritten = (order: OrderState): boolean => order.loading === 'none' && !isChanged(order);

/** Coarse on purpose: a time that moved with every try would have to be written with every try. */
export function dueAtMs(order: Omit<OrderState, 'confirmed'>): number | null {
  if (!isFinal(order.phase.state)) return null;
  const hasWork = order.attempts.some(
    (attempt) =>
      isUnsettled(attempt) ||
      isDoubted(attempt) ||
      attempt.ask?.why === 'settle' ||
      backOf(attempt)?.state === 'wanted',
  );
  return hasWork ? (ownPayment(order)?.paidAtMs ?? closedOf(order)?.atMs ?? null) : fulfilmentDueMs(order);
}
