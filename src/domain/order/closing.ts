import { closeDelayMs, NOT_EXIST_GAP_MS, STUCK_AFTER_MS } from './schedules.js';
import type { CloseAnswered, TradeAnswered } from './events.js';
import {
  attemptOf,
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
  misconfigured: false,
};

/** Begins closing what must not be paid any more: query → close → query, until WeChat Pay says CLOSED. */
export function beginClosings(state: OrderState): OrderState {
  return state.attempts.reduce((folded, attempt) => {
    if (!mustClose(state, attempt) || attempt.closing !== null) return folded;
    // Nothing was ever sent for this number and the order goes on without it: there is no trade to close.
    const neverSent = attempt.firstPrepayAtMs === null && state.ending === null;
    // What a run before this one told of the same closing still holds.
    const closing: Closing = { ...NOT_BEGUN, unconfirmed: state.stuckReason === 'close_unconfirmed' };
    const patch: Partial<Attempt> = neverSent ? { state: 'failed', wantsCode: false } : { closing };
    return withAttempt(folded, attempt.outTradeNo, patch);
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
  if (event.answer.kind === 'notPaid' && closing.next === 'query') {
    return withAttempt(state, outTradeNo, { closing: { ...answered, next: 'close', nextAtMs: nowMs } });
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
  const closing: Closing = isNoUse
    ? again({ ...attempt.closing, next: 'query', misconfigured }, nowMs)
    : { ...attempt.closing, next: 'verify', nextAtMs: nowMs };
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
  return { ...closing, tries, nextAtMs: nowMs + closeDelayMs(tries), unconfirmed };
}
