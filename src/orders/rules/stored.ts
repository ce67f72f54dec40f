import { isKeyAfter } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { refusedWith } from './gateway-answer.js';
import type { EventStatus, PendingEvent } from '../../shop-events/rules/event.js';
import type { Policy } from './policy.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import type { OrderEvent } from './events.js';
import type { Evidence } from './evidence.js';
import type { AttemptProjection, OrderProjection } from './projection.js';
import type { AttemptRecord, EvidenceRecord, OrderRecord } from './record.js';
import { paceOf } from './schedules.js';

/**
 * What of an order's row its loop decides on, as it travels to the workflow and stays in its history: nothing of the payer, no
 * description, no words of WeChat Pay's.
 */
export type StoredOrder = Omit<OrderProjection, 'attempts'> & {
  readonly amountFen: Fen;
  readonly createdAtMs: number;
  readonly policy: Policy;
  readonly stuckSinceMs: number | null;
  readonly paidEvent: { readonly status: EventStatus; readonly deliveredAtMs: number | null } | null;
  readonly attempts: readonly StoredAttempt[];
  /** As far as the order's own rules look at them. */
  readonly refunds: readonly Pick<RefundRecord, 'outTradeNo' | 'cause' | 'state'>[];
};

export type StoredAttempt = AttemptProjection &
  Pick<AttemptRecord, 'product' | 'appid' | 'codeGiven'> & {
    /** Asked for by PaySaga itself: the first, or the one after a number that nobody could pay. */
    readonly isPlanned: boolean;
    readonly prepayStartedAtMs: number | null;
    readonly codeExpiresAtMs: number | null;
    /** How far apart a code is polled; absent in histories of before. */
    readonly pace?: number;
    /** What went back of its money, and what is on its way back. */
    readonly backFen: number;
    /** WeChat Pay refused its prepay for good. */
    readonly isRefused: boolean;
    /** WeChat Pay's code of the last refused prepay or close. */
    readonly refusedWith: string | null;
  };

export type LoadedOrder = {
  readonly order: StoredOrder;
  /** Events that nobody has told the shop yet, oldest first. */
  readonly outbox: readonly PendingEvent[];
  /** Oldest first. */
  readonly evidence: readonly Evidence[];
  /** What somebody asked for while no workflow heard it. */
  readonly asked: readonly OrderEvent[];
};

export function storedOrder(order: OrderRecord): StoredOrder {
  const { mchid, orderNo, state, closedReason, reviewReason, ending, paidAttempt, paidFen, foundBy } = order;
  return {
    ...{ mchid, orderNo, state, closedReason, reviewReason, ending, paidAttempt, paidFen, foundBy },
    stuckReason: order.ownStuckReason,
    stuckSinceMs: msOf(order.stuckSince),
    expiresAtMs: order.expiresAt.getTime(),
    paidAtMs: msOf(order.paidAt),
    closedAtMs: msOf(order.closedAt),
    dueAtMs: msOf(order.dueAt),
    fulfilment: order.fulfilment,
    amountFen: order.amountFen,
    createdAtMs: order.createdAt.getTime(),
    policy: order.policy,
    paidEvent: order.paidEvent && {
      status: order.paidEvent.status,
      deliveredAtMs: msOf(order.paidEvent.deliveredAt),
    },
    attempts: order.attempts.map((attempt) => storedAttempt(attempt, order.attempts.at(-1))),
    refunds: order.refunds.map(({ outTradeNo, cause, state: its }) => ({ outTradeNo, cause, state: its })),
  };
}

function storedAttempt(attempt: AttemptRecord, last: AttemptRecord | undefined): StoredAttempt {
  const { outTradeNo, product, appid, state, transactionId, paidFen, prepayUnknown, foreign, codeGiven } = attempt;
  return {
    ...{ outTradeNo, product, appid, state, transactionId, paidFen, prepayUnknown, foreign, codeGiven },
    isPlanned: attempt.number === 1 || (isKeyAfter(attempt.attemptKey) && attempt === last),
    paidAtMs: msOf(attempt.paidAt),
    prepayStartedAtMs: msOf(attempt.prepayStartedAt),
    codeExpiresAtMs: msOf(attempt.codeExpiresAt),
    ...(codeGiven ? { pace: paceOf(outTradeNo) } : {}),
    ...(attempt.reversing ? { reversing: true } : {}),
    backFen: attempt.refundedFen + attempt.refundingFen,
    isRefused: attempt.refusal !== null,
    refusedWith: refusedWith(attempt.gateway),
  };
}

export function storedEvidence(said: EvidenceRecord): Evidence {
  const { source, outTradeNo, transactionId, mchid, appid, tradeType, amountFen, currency } = said;
  return { source, outTradeNo, transactionId, mchid, appid, tradeType, totalFen: amountFen, currency };
}

const msOf = (at: Date | null): number | null => at?.getTime() ?? null;
