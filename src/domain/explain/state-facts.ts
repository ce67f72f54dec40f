import { possibleDecisions } from '../../decisions.js';
import { withDifferences, type Difference } from '../order/judge.js';
import { nextPollMs } from '../order/schedules.js';
import {
  isDoubted,
  isExhausted,
  isUnsettled,
  leftFen,
  takesNoMoney,
  type Attempt,
  type OrderState,
} from '../order/state.js';
import { factsInCommon, fulfilmentFacts, looseMoney, refusedOf, sumOf, type ExplainFacts } from './facts.js';

/** From the workflow's facts: cannot see the polling activity's answers, so it gives the rule's next time. */
export function factsOfState(order: OrderState, nowMs: number): ExplainFacts {
  const open = order.attempts.find((attempt) => attempt.state === 'open');
  const doubts = order.attempts.filter((attempt) => isDoubted(attempt) || isExhausted(attempt));
  const closing = order.ending ?? (takesNoMoney(order) && order.attempts.some(isUnsettled) ? 'other' : null);
  return {
    ...factsInCommon(order),
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
    returningFen: sumOf(order.attempts.map((it) => (isGoingBack(it) ? it.paidFen : 0))),
    heldFen: 0,
    elsewhereFen: 0,
    returnedFen: 0,
    refunds: [],
    refused: refusedOf(order, closing),
    inVain: null,
    untold: [],
    idleSinceMs: null,
    quiet: closesPutOff(order, nowMs),
    nextAtMs: nextAtMs(order, open?.openedAtMs ?? null, nowMs),
    attempts: sumOf(doubts.map(({ doubt }) => doubt?.tries ?? 0)),
    lastAnswer: null,
  };
}

const isGoingBack = ({ back }: Attempt): boolean => back?.state === 'wanted' || back?.state === 'started';

function sinceMs({ stuckSinceMs, shop, fulfilment, paidAtMs, closedAtMs, createdAtMs }: OrderState): number {
  if (stuckSinceMs !== null) return stuckSinceMs;
  if (fulfilment === 'pending' && shop.kind === 'told') return shop.atMs;
  return paidAtMs ?? closedAtMs ?? createdAtMs;
}

/** Of its own calls only a close tells the workflow how long it waits. */
function closesPutOff({ attempts }: OrderState, nowMs: number): ExplainFacts['quiet'] {
  const untilMs = Math.max(0, ...attempts.map(({ closing }) => closing?.limitedUntilMs ?? 0));
  return untilMs > nowMs ? [{ api: 'close', untilMs }] : [];
}

/** A call in trouble is repeated by its activity, at times that only the activity knows. */
function nextAtMs({ trouble, attempts }: OrderState, openedAtMs: number | null, nowMs: number): number | null {
  if (trouble !== null) return null;
  const planned = attempts.flatMap((it) => [it.doubt?.nextAtMs ?? 0, it.closing?.nextAtMs ?? 0]);
  const times = planned.filter((time) => time > nowMs);
  if (times.length > 0) return Math.min(...times);
  return openedAtMs === null ? null : nextPollMs(openedAtMs, nowMs);
}

/** Booked money agrees. */
const differencesOf = ({ attempts, paidAttempt }: OrderState): readonly Difference[] =>
  attempts
    .filter(({ outTradeNo }) => outTradeNo !== paidAttempt)
    .reduce<readonly Difference[]>((known, { differs }) => withDifferences(known, differs), []);
