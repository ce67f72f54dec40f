import { orderOfRecord } from '../../domain/order/loaded.js';
import type { AttemptRecord, OrderRecord } from '../../domain/order/record.js';
import { decided, resolveRequested } from '../../domain/order/resolve.js';
import { isLoose, type Attempt, type OrderState } from '../../domain/order/state.js';
import { isFinal, isWaiting, type ResolveAction } from '../../domain/order/states.js';

import { restFen } from '../../domain/refund/guard.js';

/** A row as its workflow sees it: of money left over in a final order the row says only by its stuck reason that it cannot go back. */
export function standingOf(order: OrderRecord): OrderState {
  const state = orderOfRecord(order);
  const isLeft = order.ownStuckReason === 'review' || order.ownStuckReason === 'refund_failed';
  if (!isFinal(state.state) || !isLeft) return state;
  const attempts = state.attempts.map((attempt): Attempt => {
    const isStill = isLoose(state, attempt) || attempt.back?.state === 'wanted';
    return isStill ? { ...attempt, back: { cause: attempt.back?.cause ?? 'operator', state: 'refused' } } : attempt;
  });
  return { ...state, attempts };
}

/** Money that WeChat Pay confirmed and that is neither the order's nor on its way back. */
export function looseAttempts(order: OrderRecord): AttemptRecord[] {
  const state = orderOfRecord(order);
  const loose = new Set(state.attempts.filter((it) => isLoose(state, it)).map(({ outTradeNo }) => outTradeNo));
  return order.attempts.filter(({ outTradeNo }) => loose.has(outTradeNo));
}

/** The money that a decision about an order is about. */
export type OrderMoney = {
  readonly restFen: number;
  readonly looseFen: number;
  /** What of it is still there, as far as PaySaga knows. */
  readonly leftFen: number;
  readonly looseCount: number;
};

export function moneyOf(order: OrderRecord): OrderMoney {
  const paid = order.attempts.find(({ outTradeNo }) => outTradeNo === order.paidAttempt);
  const loose = looseAttempts(order);
  return {
    restFen: paid === undefined ? 0 : restFen(paid),
    looseFen: loose.reduce((sum, { paidFen }) => sum + paidFen, 0),
    leftFen: loose.reduce((sum, attempt) => sum + restFen(attempt), 0),
    looseCount: loose.length,
  };
}

/**
 * Whether `resolve` would carry out this decision, by the very rules that decide about it, should WeChat Pay confirm that the money
 * is there, or that all of it went back.
 */
export function canResolve(state: OrderState, action: ResolveAction): boolean {
  const loose = state.attempts.filter((attempt) => isLoose(state, attempt));
  // All of the money is on its way back: somebody has decided.
  const isDecided = loose.length === 0 && state.state === 'review' && state.attempts.some(({ back }) => back !== null);
  if (isWaiting(state.state) || state.ending !== null || isDecided) return false;
  return answersTo(state, loose).some((answer) => isTaken(state, action, answer));
}

/** Of a trade in REFUND WeChat Pay's answer is known: `refunded` until a refund of it is, `paid` from then on. */
function answersTo(
  { reviewReason }: OrderState,
  [money, ...more]: readonly Attempt[],
): readonly ('paid' | 'refunded')[] {
  if (reviewReason !== 'refunded_elsewhere' || money === undefined || more.length > 0) return ['paid', 'refunded'];
  return [money.backFen > 0 ? 'paid' : 'refunded'];
}

function isTaken(state: OrderState, action: ResolveAction, confirmed: 'paid' | 'refunded'): boolean {
  const asked = resolveRequested(state, action);
  if (asked.resolving === null) return false;
  const attempts = asked.attempts.map((it): Attempt =>
    it.ask === 'resolve' ? { ...it, ask: null, confirmed: it.state === 'succeeded' ? confirmed : null } : it,
  );
  return decided({ ...asked, attempts }).resolution === 'resolved';
}
