import type { Mchid, OrderNo, OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { backOf, isDoubted, isForeign, isUnsettled, paymentOf, type Attempt } from './attempt.js';
import { fulfilmentDueMs } from './fulfilment.js';
import type { OrderRecord } from './record.js';
import { FIRST_WAIT_MS } from './schedules.js';
import { closedOf, endingOf, fulfilmentOf, ownPayment, paidOf, reviewReasonOf, type OrderState } from './state.js';
import {
  isFinal,
  type AttemptState,
  type ClosedReason,
  type Ending,
  type FoundBy,
  type FulfilmentState,
  type OrderStateName,
  type ReviewReason,
  type StuckReason,
} from './states.js';
import { ownStuckReason } from './trouble.js';

/** What of an order's facts readers see: written to Postgres as a whole, under the order's row lock. Plain JSON. */
export type OrderProjection = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly state: OrderStateName;
  readonly closedReason: ClosedReason | null;
  readonly reviewReason: ReviewReason | null;
  readonly ending: Ending | null;
  readonly stuckReason: StuckReason | null;
  readonly expiresAtMs: number;
  readonly paidAttempt: OutTradeNo | null;
  readonly paidFen: Fen;
  readonly paidAtMs: number | null;
  readonly foundBy: FoundBy | null;
  readonly closedAtMs: number | null;
  readonly fulfilment: FulfilmentState;
  /**
   * When a final order's workflow has something to do at the latest: what a crash leaves undone is found by it. Null when nothing
   * is left, and before the order is final, where its deadline tells the same.
   */
  readonly dueAtMs: number | null;
  readonly attempts: readonly AttemptProjection[];
};

export type AttemptProjection = {
  readonly outTradeNo: OutTradeNo;
  readonly state: AttemptState;
  readonly transactionId: string | null;
  readonly paidFen: Fen;
  readonly paidAtMs: number | null;
  readonly prepayUnknown: boolean;
  readonly foreign: boolean;
};

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
  };
}

/** Something a reader sees is not in Postgres yet. */
export const isChanged = (order: OrderState): boolean =>
  JSON.stringify(projectionOf(order)) !== JSON.stringify(order.confirmed);

/** Readers of Postgres see all of it, and it knows all that they see. */
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

/**
 * When the order's workflow does its next step at the latest, as its row tells; null when nothing is left to do. Its later polls
 * stand in its gateway calls.
 */
export function nextDueOf(order: OrderRecord): Date | null {
  if (isFinal(order.state)) return order.dueAt;
  if (order.state === 'creating') return order.createdAt;
  const opened = order.attempts.filter(({ state }) => state === 'open').flatMap((it) => it.prepayStartedAt ?? []);
  const polls = opened.map((at) => at.getTime() + FIRST_WAIT_MS);
  return new Date(Math.min(order.expiresAt.getTime(), ...polls));
}
