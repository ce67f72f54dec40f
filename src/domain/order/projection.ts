import type { Mchid, OrderNo, OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { fulfilmentDueMs } from './fulfilment.js';
import { isDoubted, isUnsettled, type OrderState } from './state.js';
import { ownStuckReason } from './stuck.js';
import { isFinal } from './states.js';
import type {
  AttemptState,
  ClosedReason,
  Ending,
  FoundBy,
  FulfilmentState,
  OrderStateName,
  ReviewReason,
  StuckReason,
} from './states.js';

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

export function projectionOf(order: OrderState): OrderProjection {
  return {
    mchid: order.mchid,
    orderNo: order.orderNo,
    state: order.state,
    closedReason: order.closedReason,
    reviewReason: order.reviewReason,
    ending: order.ending,
    // That Postgres refuses a projection is nothing to project.
    stuckReason: order.unwritten ? ownStuckReason(order) : order.stuckReason,
    expiresAtMs: order.deadlineMs,
    paidAttempt: order.paidAttempt,
    paidFen: order.paidFen,
    paidAtMs: order.paidAtMs,
    foundBy: order.foundBy,
    closedAtMs: order.closedAtMs,
    fulfilment: order.fulfilment,
    dueAtMs: dueAtMs(order),
    attempts: order.attempts.map(({ outTradeNo, state, transactionId, paidFen, paidAtMs, prepayUnknown, foreign }) => {
      return { outTradeNo, state, transactionId, paidFen, paidAtMs, prepayUnknown, foreign };
    }),
  };
}

/** Coarse on purpose: a time that moved with every try would have to be written with every try. */
export function dueAtMs(order: OrderState): number | null {
  if (!isFinal(order.state)) return null;
  const hasWork = order.attempts.some(
    (attempt) =>
      isUnsettled(attempt) || isDoubted(attempt) || attempt.ask === 'settle' || attempt.back?.state === 'wanted',
  );
  return hasWork ? (order.paidAtMs ?? order.closedAtMs) : fulfilmentDueMs(order);
}
