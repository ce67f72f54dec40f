import type { OutTradeNo } from '../../base/ids.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import type { RefundCause } from '../refund/states.js';
import { closingToldMs } from './closing.js';
import { fulfilmentDueMs } from './fulfilment.js';
import { FIRST_WAIT_MS, STUCK_AFTER_MS } from './schedules.js';
import {
  isDoubted,
  isExhausted,
  isKnown,
  isPayable,
  isUnsettled,
  isWatched,
  wantsNextNumber,
  type Attempt,
  type OrderState,
} from './state.js';
import { isFinal } from './states.js';

/** What must happen now. `wait` ends at `untilMs`, or with the next fact; `poll` names the attempt to ask about meanwhile. */
export type Step =
  | { readonly kind: 'load' }
  | { readonly kind: 'project' }
  | { readonly kind: 'tell'; readonly event: PendingEvent }
  | { readonly kind: 'return'; readonly outTradeNo: OutTradeNo; readonly cause: RefundCause }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'overlong' }
  | { readonly kind: 'query'; readonly outTradeNo: OutTradeNo }
  | { readonly kind: 'close'; readonly outTradeNo: OutTradeNo }
  | { readonly kind: 'nextNumber'; readonly after: OutTradeNo }
  | { readonly kind: 'prepay'; readonly outTradeNo: OutTradeNo }
  | { readonly kind: 'expire' }
  | { readonly kind: 'wait'; readonly untilMs: number | null; readonly poll: OutTradeNo | null };

/**
 * The one next step, from all facts so far; `undefined` when the order is final and nothing is undecided. Order of importance:
 * what is known is written down and told, then evidence, money to give back, the deadlines, what somebody asked, closing, and
 * the prepay.
 */
export function nextStep(state: OrderState, nowMs: number): Step | undefined {
  // What Postgres would not take is read anew, and so is an order of which nothing is known yet; the rest is kept first.
  const mustLoad = state.loading === 'all' || (state.loading === 'facts' && !(isKnown(state) && state.changed));
  if (mustLoad) return { kind: 'load' };
  if (state.changed) return { kind: 'project' };
  const step =
    tell(state) ??
    query(state, (it) => it.doubt?.nextAtMs != null && it.doubt.nextAtMs <= nowMs) ??
    giveBack(state) ??
    (isDue(state, nowMs) ? { kind: 'expire' } : undefined) ??
    (nowMs >= (fulfilmentDueMs(state) ?? Infinity) ? { kind: 'overdue' } : undefined) ??
    query(state, (it) => it.ask !== null) ??
    closing(state, nowMs) ??
    nextNumber(state, nowMs) ??
    prepay(state) ??
    (isDecided(state) ? undefined : wait(state, nowMs));
  const isOverlong = step !== undefined && (troubleToldMs(state, step) ?? Infinity) <= nowMs;
  return isOverlong ? { kind: 'overlong' } : step;
}

/** When time alone makes something else the next step than the call that is under way: a deadline, a time to ask, or to tell. */
export function wakesAtMs(state: OrderState, call: Step, nowMs: number): number | null {
  return earliest([...plannedMs(state, nowMs), troubleToldMs(state, call)], nowMs);
}

/** When people are told of what has no answer. A call's silence counts only while it is asked. */
function troubleToldMs(state: OrderState, step: Step): number | null {
  const isCall = step.kind === 'query' || step.kind === 'close' || step.kind === 'prepay';
  const { trouble, unansweredSinceMs } = state;
  const silentMs = isCall && trouble === null && unansweredSinceMs !== null ? unansweredSinceMs + STUCK_AFTER_MS : null;
  return earliest([silentMs, ...state.attempts.filter(isClosing).map(closingToldMs)], -Infinity);
}

function earliest(times: readonly (number | null)[], afterMs: number): number | null {
  const coming = times.filter((time) => time !== null && time > afterMs);
  return coming.length === 0 ? null : Math.min(...coming.map(Number));
}

function tell({ outbox: [event] }: OrderState): Step | undefined {
  return event === undefined ? undefined : { kind: 'tell', event };
}

function giveBack(state: OrderState): Step | undefined {
  for (const { outTradeNo, back } of state.attempts) {
    if (back?.state === 'wanted') return { kind: 'return', outTradeNo, cause: back.cause };
  }
  return undefined;
}

function query(state: OrderState, wanted: (attempt: Attempt) => boolean): Step | undefined {
  const attempt = state.attempts.find(wanted);
  return attempt === undefined ? undefined : { kind: 'query', outTradeNo: attempt.outTradeNo };
}

function closing(state: OrderState, nowMs: number): Step | undefined {
  const attempt = state.attempts.find((it) => isClosing(it) && (it.closing?.nextAtMs ?? 0) <= nowMs);
  if (attempt === undefined) return undefined;
  const kind = attempt.closing?.next === 'close' ? 'close' : 'query';
  return { kind, outTradeNo: attempt.outTradeNo };
}

/** While evidence says that it is paid, nothing is closed. */
const isClosing = (attempt: Attempt): boolean =>
  attempt.closing !== null && isUnsettled(attempt) && !isDoubted(attempt);

const pausesDeadline = (state: OrderState): boolean => state.attempts.some((attempt) => attempt.doubt !== null);

const isDue = (state: OrderState, nowMs: number): boolean =>
  isPayable(state) && nowMs >= state.deadlineMs && !pausesDeadline(state);

function nextNumber(state: OrderState, nowMs: number): Step | undefined {
  const last = state.attempts.at(-1);
  return last !== undefined && wantsNextNumber(state, nowMs)
    ? { kind: 'nextNumber', after: last.outTradeNo }
    : undefined;
}

function prepay(state: OrderState): Step | undefined {
  const attempt = state.attempts.find((it) => it.wantsCode && it.closing === null && isUnsettled(it));
  if (attempt === undefined || !isPayable(state)) return undefined;
  const another = state.attempts.some((it) => it !== attempt && isUnsettled(it) && it.closing !== null);
  return another ? undefined : { kind: 'prepay', outTradeNo: attempt.outTradeNo };
}

/** Final, every attempt settled, no evidence open, no money and no fulfilment undecided: promise 10. */
const isDecided = (state: OrderState): boolean =>
  isFinal(state.state) &&
  state.fulfilment !== 'pending' &&
  state.held === null &&
  !state.surplus &&
  state.attempts.every(
    (attempt) => !isUnsettled(attempt) && attempt.doubt === null && attempt.back?.state !== 'refused',
  );

function wait(state: OrderState, nowMs: number): Step {
  const watched = state.attempts.find(
    (it) => isExhausted(it) || (isPayable(state) && isWatched(it) && it.closing === null),
  );
  const pollFromMs =
    watched === undefined || isExhausted(watched) ? nowMs : (watched.openedAtMs ?? nowMs) + FIRST_WAIT_MS;
  const poll = watched !== undefined && pollFromMs <= nowMs ? watched.outTradeNo : null;
  const toldMs = state.attempts.filter(isClosing).map(closingToldMs);
  return { kind: 'wait', untilMs: earliest([...plannedMs(state, nowMs), ...toldMs, pollFromMs], nowMs), poll };
}

/** What happens by the clock, as far as it is known. */
function plannedMs(state: OrderState, nowMs: number): (number | null)[] {
  const deadlineMs = isPayable(state) && !pausesDeadline(state) ? state.deadlineMs : null;
  const ofAttempts = state.attempts.flatMap((attempt) => [
    attempt.doubt?.nextAtMs ?? null,
    isClosing(attempt) ? (attempt.closing?.nextAtMs ?? nowMs) : null,
  ]);
  return [deadlineMs, ...ofAttempts, fulfilmentDueMs(state)];
}
