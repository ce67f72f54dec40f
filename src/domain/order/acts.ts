import { MAX_LIFE_MS } from './deadline.js';
import { orderOfRecord } from './loaded.js';
import type { OrderRecord } from './record.js';
import { decided, resolveRequested } from './resolve.js';
import { isLoose, isPayable, type Attempt, type OrderState } from './state.js';
import { isFinal, isWaiting, RESOLVE_ACTIONS, type ResolveAction } from './states.js';

/** What a person can do about an order, beside looking at its refunds and events; `dismiss` ends one without money. */
export type OrderAct = 'recheck' | 'close' | 'hold' | 'extend' | 'accept' | 'return' | 'dismiss';

/** What would have an effect now, by the very rules that decide about it; WeChat Pay may still say otherwise when it is asked. */
export function actsOf(state: OrderState, nowMs: number): OrderAct[] {
  return ['recheck', ...waitingActs(state, nowMs), ...decisions(state).map((action) => DECISIONS[action])];
}

const DECISIONS = { accept: 'accept', return: 'return', close: 'dismiss' } as const satisfies Record<
  ResolveAction,
  OrderAct
>;

/** Ends and deadlines of an order that can still be paid. Once it is being closed its deadline is over. */
function waitingActs(state: OrderState, nowMs: number): OrderAct[] {
  if (!isPayable(state)) return [];
  if (nowMs >= state.deadlineMs) return ['close'];
  const endMs = state.createdAtMs + MAX_LIFE_MS;
  return [
    'close',
    ...(state.deadlineMs < endMs ? (['hold'] as const) : []),
    ...(nowMs < endMs ? (['extend'] as const) : []),
  ];
}

/** What `resolve` would do, should WeChat Pay confirm that the money is there, or that all of it went back. */
function decisions(state: OrderState): ResolveAction[] {
  const loose = state.attempts.filter((attempt) => isLoose(state, attempt));
  // All of the money is on its way back: somebody has decided.
  const isDecided = loose.length === 0 && state.state === 'review' && state.attempts.some(({ back }) => back !== null);
  if (isWaiting(state.state) || state.ending !== null || isDecided) return [];
  return RESOLVE_ACTIONS.filter((action) => answersTo(state, loose).some((answer) => isTaken(state, action, answer)));
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
