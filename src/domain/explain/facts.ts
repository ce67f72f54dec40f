import type { Mchid, OrderNo, OutTradeNo } from '../ids.js';
import { FIRST_WAIT_MS, pollDelayMs } from '../order/schedules.js';
import type { EvidenceRecord, GatewayCallRecord, OrderRecord } from '../order/record.js';
import { fulfilmentDueMs } from '../order/fulfilment.js';
import { factsOfRecord } from '../order/loaded.js';
import { isDoubted, isExhausted, isUnsettled, takesNoMoney, type OrderState, type Shop } from '../order/state.js';
import type { ClosedReason, FulfilmentState, OrderStateName, ReviewReason, StuckReason } from '../order/states.js';

/** What `explain` reads; both an order's row and its workflow's facts can say it. Times in Unix milliseconds. */
export type ExplainFacts = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly state: OrderStateName;
  readonly closedReason: ClosedReason | null;
  readonly reviewReason: ReviewReason | null;
  readonly stuckReason: StuckReason | null;
  readonly amountFen: number;
  readonly paidFen: number;
  /** All that queries confirmed, whether the order books it or not. */
  readonly confirmedFen: number;
  readonly sinceMs: number;
  readonly expiresAtMs: number;
  /** The attempt that can be paid now. */
  readonly open: OutTradeNo | null;
  /** Evidence says it is paid; queries have not confirmed it yet. */
  readonly doubted: boolean;
  readonly closing: boolean;
  readonly fulfilment: FulfilmentState;
  /** Whether the shop knows that it was paid. */
  readonly shop: Shop['kind'];
  /** When the shop's time to deliver is over; null while it does not run. */
  readonly fulfilmentDueMs: number | null;
  /** What is on its way back to the payer. */
  readonly returningFen: number;
  /** What has gone back to the payer. */
  readonly returnedFen: number;
  /** When WeChat Pay is asked again; null where nothing is planned or it cannot be known here. */
  readonly nextAtMs: number | null;
  readonly attempts: number;
  readonly lastAnswer: { readonly api: string; readonly at: string; readonly outcome: string } | null;
};

export type ExplainInput = {
  readonly order: OrderRecord;
  readonly lastCall: GatewayCallRecord | undefined;
  /** Queries made for this order so far. */
  readonly pollCount: number;
  readonly evidence: readonly EvidenceRecord[];
  readonly now: Date;
};

/** From Postgres: knows the last answer, and from it when the next poll is. */
export function factsOfRow({ order, lastCall, pollCount, evidence, now }: ExplainInput): ExplainFacts {
  const open = order.attempts.find((attempt) => attempt.state === 'open');
  const firstPollMs = (open?.prepayStartedAt ?? order.createdAt).getTime() + FIRST_WAIT_MS;
  const plannedMs = lastCall?.nextAt?.getTime() ?? firstPollMs;
  const waits = order.state === 'awaitingPayment' && open !== undefined;
  return {
    ...identity(order),
    sinceMs: (order.stuckSince ?? order.paidAt ?? order.closedAt ?? order.createdAt).getTime(),
    expiresAtMs: order.expiresAt.getTime(),
    open: open?.outTradeNo ?? null,
    doubted: isOpen(order.state) && evidence.some((fact) => isUnconfirmed(order, fact)),
    closing: waits && now >= order.expiresAt,
    ...fulfilmentOf(factsOfRecord(order)),
    returningFen: sumOf(order.attempts.map(({ refundingFen }) => refundingFen)),
    returnedFen: sumOf(order.attempts.map(({ refundedFen }) => refundedFen)),
    nextAtMs: waits ? Math.max(plannedMs, now.getTime()) : null,
    attempts: pollCount,
    lastAnswer:
      lastCall === undefined ? null : { api: lastCall.api, at: lastCall.at.toISOString(), outcome: lastCall.outcome },
  };
}

const isOpen = (state: OrderStateName): boolean => state === 'creating' || state === 'awaitingPayment';

/** A notify or a bill line speaks of a transaction that no query has shown on its attempt yet. */
function isUnconfirmed(order: OrderRecord, { source, outTradeNo, transactionId }: EvidenceRecord): boolean {
  const attempt = order.attempts.find((it) => it.outTradeNo === outTradeNo);
  return source !== 'query' && attempt?.transactionId !== transactionId;
}

/** From the workflow's facts: cannot see the polling activity's answers, so it gives the rule's next time. */
export function factsOfState(order: OrderState, nowMs: number): ExplainFacts {
  const open = order.attempts.find((attempt) => attempt.state === 'open');
  const doubts = order.attempts.filter((attempt) => isDoubted(attempt) || isExhausted(attempt));
  const planned = order.attempts.flatMap((it) => [it.doubt?.nextAtMs ?? 0, it.closing?.nextAtMs ?? 0]);
  const times = planned.filter((time) => time > nowMs);
  return {
    ...identity(order),
    sinceMs: order.paidAtMs ?? order.closedAtMs ?? order.createdAtMs,
    expiresAtMs: order.deadlineMs,
    open: open?.outTradeNo ?? null,
    doubted: doubts.length > 0,
    closing: takesNoMoney(order) && order.attempts.some(isUnsettled),
    ...fulfilmentOf(order),
    returningFen: sumOf(order.attempts.map(({ back, paidFen }) => (back === null ? 0 : paidFen))),
    returnedFen: 0,
    nextAtMs: times.length > 0 ? Math.min(...times) : nextPollMs(open?.openedAtMs ?? null, nowMs),
    attempts: doubts.reduce((sum, it) => sum + (it.doubt?.tries ?? 0), 0),
    lastAnswer: null,
  };
}

const fulfilmentOf = (order: OrderState): Pick<ExplainFacts, 'fulfilment' | 'shop' | 'fulfilmentDueMs'> => ({
  fulfilment: order.fulfilment,
  shop: order.shop.kind,
  fulfilmentDueMs: fulfilmentDueMs(order),
});

const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

function nextPollMs(openedAtMs: number | null, nowMs: number): number | null {
  if (openedAtMs === null) return null;
  let pollMs = openedAtMs + FIRST_WAIT_MS;
  for (let n = 1; pollMs <= nowMs; n += 1) pollMs += pollDelayMs(n, pollMs - openedAtMs);
  return pollMs;
}

function identity(order: OrderRecord | OrderState) {
  const { mchid, orderNo, state, closedReason, reviewReason, stuckReason, amountFen, paidFen } = order;
  const confirmedFen = order.attempts.reduce((sum, attempt) => sum + attempt.paidFen, 0);
  return { mchid, orderNo, state, closedReason, reviewReason, stuckReason, amountFen, paidFen, confirmedFen };
}
