import { nextPollMs } from '../order/schedules.js';
import { isDoubted, isExhausted, isUnsettled, takesNoMoney, type OrderState } from '../order/state.js';
import { factsInCommon, fulfilmentFacts, sumOf, type ExplainFacts } from './facts.js';

/** From the workflow's facts: cannot see the polling activity's answers, so it gives the rule's next time. */
export function factsOfState(order: OrderState, nowMs: number): ExplainFacts {
  const open = order.attempts.find((attempt) => attempt.state === 'open');
  const doubts = order.attempts.filter((attempt) => isDoubted(attempt) || isExhausted(attempt));
  const planned = order.attempts.flatMap((it) => [it.doubt?.nextAtMs ?? 0, it.closing?.nextAtMs ?? 0]);
  const times = planned.filter((time) => time > nowMs);
  const pollMs = open?.openedAtMs == null ? null : nextPollMs(open.openedAtMs, nowMs);
  return {
    ...factsInCommon(order),
    sinceMs: sinceMs(order),
    expiresAtMs: order.deadlineMs,
    open: open?.outTradeNo ?? null,
    doubted: doubts.length > 0,
    closing: takesNoMoney(order) && order.attempts.some(isUnsettled),
    ...fulfilmentFacts(order),
    returningFen: sumOf(order.attempts.map(({ back, paidFen }) => (back === null ? 0 : paidFen))),
    returnedFen: 0,
    refunds: [],
    untold: [],
    idleSinceMs: null,
    nextAtMs: times.length > 0 ? Math.min(...times) : pollMs,
    attempts: sumOf(doubts.map(({ doubt }) => doubt?.tries ?? 0)),
    lastAnswer: null,
  };
}

function sinceMs({ shop, fulfilment, paidAtMs, closedAtMs, createdAtMs }: OrderState): number {
  if (fulfilment === 'pending' && shop.kind === 'told') return shop.atMs;
  return paidAtMs ?? closedAtMs ?? createdAtMs;
}
