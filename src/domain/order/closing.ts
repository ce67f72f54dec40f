import { ASK_AGAIN_MS, closeDelayMs, NOT_EXIST_GAP_MS, STUCK_AFTER_MS } from './schedules.js';
import type { CloseAnswered, TradeAnswered } from './events.js';
import {
  attemptOf,
  isPayable,
  isUnsettled,
  takesNoMoney,
  withAttempt,
  type Attempt,
  type Closing,
  type OrderState,
} from './state.js';

export const NOT_BEGUN: Closing = {
  next: 'query',
  tries: 0,
  sinceMs: null,
  nextAtMs: 0,
  missingSinceMs: null,
  unconfirmed: false,
  askedAtMs: null,
  limitedUntilMs: 0,
  misconfigured: false,
};

/** Begins closing what must not be paid any more: query → close → query, until WeChat Pay says CLOSED. */
export function beginClosings(state: OrderState, nowMs: number): OrderState {
  const isAsked = state.ending === 'cancelled' || state.ending === 'returned';
  return state.attempts.reduce((folded, attempt) => {
    if (!mustClose(state, attempt) || attempt.closing !== null) return folded;
    // Nothing was ever sent for this number and the order goes on without it: there is no trade to close.
    const neverSent = attempt.firstPrepayAtMs === null && state.ending === null;
    // What a run before this one told of the same closing still holds.
    const unconfirmed = state.stuckReason === 'close_unconfirmed';
    const closing: Closing = { ...NOT_BEGUN, unconfirmed, askedAtMs: isAsked ? nowMs : null };
    const patch: Partial<Attempt> = neverSent ? { state: 'failed', wantsCode: false } : { closing };
    return withAttempt(folded, attempt.outTradeNo, patch);
  }, state);
}

/** One that closes already is tried at once, also while a limit asks for quiet; asked again a moment later it is one question. */
export function closeRequested(state: OrderState, nowMs: number): OrderState {
  if (isPayable(state)) return { ...state, ending: 'cancelled' };
  if (state.ending === null) return state;
  return state.attempts.reduce((folded, { outTradeNo, closing }) => {
    if (closing === null || nowMs - (closing.askedAtMs ?? -Infinity) < ASK_AGAIN_MS) return folded;
    const nextAtMs = Math.min(closing.nextAtMs, nowMs);
    return withAttempt(folded, outTradeNo, { closing: { ...closing, askedAtMs: nowMs, nextAtMs } });
  }, state);
}

/** An order that takes no more money closes all that is unsettled; a new attempt closes the ones before it. */
function mustClose(state: OrderState, attempt: Attempt): boolean {
  if (!isUnsettled(attempt)) return false;
  const later = state.attempts.slice(state.attempts.indexOf(attempt) + 1);
  return takesNoMoney(state) || later.some((it) => it.state === 'preparing' && it.wantsCode);
}

/** A query's answer, for an attempt being closed, that shows neither money nor CLOSED. */
export function closingAnswered(
  state: OrderState,
  outTradeNo: Attempt['outTradeNo'],
  event: TradeAnswered,
  nowMs: number,
): OrderState {
  const attempt = attemptOf(state, outTradeNo);
  if (attempt?.closing == null || !isUnsettled(attempt)) return state;
  const closing = { ...attempt.closing, sinceMs: attempt.closing.sinceMs ?? nowMs };
  if (event.answer.kind === 'notExist' && !attempt.codeGiven) return neverOpened(state, attempt, closing, nowMs);
  const answered = { ...closing, missingSinceMs: null };
  if (event.answer.kind === 'notPaid' && closing.next !== 'verify') {
    // What somebody asked meanwhile puts off no close that is planned.
    const nextAtMs = closing.next === 'close' ? closing.nextAtMs : Math.max(nowMs, closing.limitedUntilMs);
    return withAttempt(state, outTradeNo, { closing: { ...answered, next: 'close', nextAtMs } });
  }
  const next = event.answer.kind === 'notPaid' ? 'close' : 'query';
  return withAttempt(state, outTradeNo, { closing: again({ ...answered, next }, nowMs) });
}

/**
 * A prepay that was lost on its way may still arrive, and one that met a used number says the opposite: one "no such order" is
 * enough only after a definitive refusal.
 */
function neverOpened(state: OrderState, attempt: Attempt, closing: Closing, nowMs: number): OrderState {
  const sinceMs = closing.missingSinceMs ?? nowMs;
  const isSure = attempt.refused && !attempt.prepayUnknown;
  if (isSure || nowMs - sinceMs >= NOT_EXIST_GAP_MS) {
    return withAttempt(state, attempt.outTradeNo, { state: 'failed', wantsCode: false, closing: null });
  }
  const waiting: Closing = { ...closing, next: 'query', missingSinceMs: sinceMs, nextAtMs: sinceMs + NOT_EXIST_GAP_MS };
  return withAttempt(state, attempt.outTradeNo, { closing: waiting });
}

/** A close call's answer, or its silence, proves nothing by itself; the next thing is a query. */
export function closeAnswered(state: OrderState, event: CloseAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(state, event.outTradeNo);
  const heard = event.kind === 'unanswered' ? state : answeredAtLast(state);
  if (attempt?.closing == null) return heard;
  const misconfigured = event.kind === 'misconfigured';
  const isNoUse = misconfigured || event.kind === 'refused' || event.kind === 'notExist';
  const tried: Closing = { ...attempt.closing, limitedUntilMs: nowMs + (event.limitedForMs ?? 0) };
  const closing: Closing = isNoUse
    ? again({ ...tried, next: 'query', misconfigured }, nowMs)
    : { ...tried, next: 'verify', nextAtMs: nowMs };
  return withAttempt(heard, event.outTradeNo, { closing, refusedWith: event.refusedWith ?? attempt.refusedWith });
}

/** WeChat Pay has answered a call: whatever kept it from that is over. */
export const answeredAtLast = (state: OrderState): OrderState => ({ ...state, trouble: null, unansweredSinceMs: null });

/** When the closing has lasted so long that people are told; null once they are. */
export const closingToldMs = ({ closing }: Attempt): number | null =>
  closing?.sinceMs == null || closing.unconfirmed ? null : closing.sinceMs + STUCK_AFTER_MS;

/** Marks what has lasted too long: a call without an answer, a closing without CLOSED. */
export function overlong(state: OrderState, nowMs: number): OrderState {
  const attempts = state.attempts.map((attempt): Attempt => {
    const { closing } = attempt;
    const isLate = closing !== null && (closingToldMs(attempt) ?? Infinity) <= nowMs;
    return isLate ? { ...attempt, closing: { ...closing, unconfirmed: true } } : attempt;
  });
  const isSilent = state.unansweredSinceMs !== null && nowMs - state.unansweredSinceMs >= STUCK_AFTER_MS;
  return { ...state, attempts, trouble: state.trouble ?? (isSilent ? 'gateway_unreachable' : null) };
}

function again(closing: Closing, nowMs: number): Closing {
  const tries = closing.tries + 1;
  const unconfirmed = nowMs - (closing.sinceMs ?? nowMs) >= STUCK_AFTER_MS;
  const plannedMs = nowMs + closeDelayMs(tries);
  const nextAtMs = closing.next === 'close' ? Math.max(plannedMs, closing.limitedUntilMs) : plannedMs;
  return { ...closing, tries, nextAtMs, unconfirmed };
}
