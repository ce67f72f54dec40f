import { possibleDecisions } from '../../../decisions/rules/decisions.js';
import { isDoubted, isExhausted, isUnsettled, leftFen, paymentOf } from '../attempt.js';
import { closingDueMs } from '../closing.js';
import { joinedDispute, type Difference } from '../evidence.js';
import { projectionOf } from '../projection.js';
import { nextPollMs } from '../schedules.js';
import { closedOf, endingOf, fulfilmentOf, ownPayment, paidOf, takesNoMoney, type OrderState } from '../state.js';
import { stuckReasonOf } from '../trouble.js';
import {
  factsInCommon,
  fulfilmentFacts,
  isGoingBack,
  looseMoney,
  refusedOf,
  sumOf,
  type ExplainFacts,
} from './facts.js';

/** From the workflow's facts: cannot see the polling activity's answers, so it gives the rule's next time. */
export function factsOfState(order: OrderState, nowMs: number): ExplainFacts {
  const open = order.attempts.find(({ phase }) => phase.state === 'open');
  const doubts = order.attempts.filter((attempt) => isDoubted(attempt) || isExhausted(attempt));
  const closing = endingOf(order) ?? (takesNoMoney(order) && order.attempts.some(isUnsettled) ? 'other' : null);
  return {
    ...factsInCommon({ ...projectionOf(order), amountFen: order.amountFen, stuckReason: stuckReasonOf(order) }),
    loose: looseMoney(order),
    mayBeRefundedElsewhere: order.attempts.some((attempt) => leftFen(attempt) > 0),
    sinceMs: sinceMs(order),
    expiresAtMs: order.deadlineMs,
    open: open?.outTradeNo ?? null,
    claimed: doubts.length > 0 ? { amountFen: null } : null,
    closing,
    differences: differencesOf(order),
    asked: [],
    possible: possibleDecisions({ order, row: null, nowMs }),
    ...fulfilmentFacts(order),
    returningFen: sumOf(order.attempts.map((it) => (isGoingBack(it) ? (paymentOf(it)?.paidFen ?? 0) : 0))),
    heldFen: 0,
    elsewhereFen: 0,
    returnedFen: 0,
    refunds: [],
    refused: refusedOf(order, closing),
    inVain: null,
    untold: [],
    idleSinceMs: null,
    quiet: closesPutOff(order, nowMs),
    nextAtMs: nextAtMs(order, open?.code?.openedAtMs ?? null, nowMs),
    attempts: sumOf(doubts.map(({ doubt }) => doubt?.tries ?? 0)),
    lastAnswer: null,
  };
}

function sinceMs(order: OrderState): number {
  const { shop } = order.telling;
  if (order.stuckSinceMs !== null) return order.stuckSinceMs;
  if (fulfilmentOf(order).state === 'pending' && shop.kind === 'told') return shop.atMs;
  return ownPayment(order)?.paidAtMs ?? closedOf(order)?.atMs ?? order.createdAtMs;
}

/** Of its own calls only a close tells the workflow how long it waits. */
function closesPutOff({ attempts }: OrderState, nowMs: number): ExplainFacts['quiet'] {
  const untilMs = Math.max(0, ...attempts.map(({ closing }) => closing?.limitedUntilMs ?? 0));
  return untilMs > nowMs ? [{ api: 'close', untilMs }] : [];
}

/** A call in trouble is repeated by its activity, at times that only the activity knows. */
function nextAtMs({ gateway, attempts }: OrderState, openedAtMs: number | null, nowMs: number): number | null {
  if (gateway.trouble !== null) return null;
  const planned = attempts.flatMap((it) => [
    it.doubt?.nextAtMs ?? 0,
    it.closing === null ? 0 : closingDueMs(it.closing),
  ]);
  const times = planned.filter((time) => time > nowMs);
  if (times.length > 0) return Math.min(...times);
  return openedAtMs === null ? null : nextPollMs(openedAtMs, nowMs);
}

/** Booked money agrees. */
function differencesOf(order: OrderState): readonly Difference[] {
  const own = paidOf(order)?.outTradeNo;
  const others = order.attempts.filter(({ outTradeNo }) => outTradeNo !== own);
  return others.reduce<readonly Difference[]>((known, { dispute }) => joinedDispute(known, dispute) ?? known, []);
}
