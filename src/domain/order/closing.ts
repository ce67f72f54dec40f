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
};

/** Begins closing what must not be paid any more: query → close → query, until WeChat Pay says CLOSED. */
export function beginClosings(state: OrderState): OrderState {
  return state.attempts.reduce((folded, attempt) => {
    if (!mustClose(state, attempt) || attempt.closing !== null) return folded;
    // Nothing was ever sent for this number and the order goes on without it: there is no trade to close.
    const neverSent = !attempt.prepayStarted && state.ending === null;
    const patch: Partial<Attempt> = neverSent ? { state: 'failed', wantsCode: false } : { closing: NOT_BEGUN };
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

/** A close call's answer proves nothing by itself; whatever it says, the next thing is a query. */
export function closeAnswered(state: OrderState, event: CloseAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(state, event.outTradeNo);
  if (attempt?.closing == null) return { ...state, trouble: null };
  const closing =
    event.kind === 'refused' || event.kind === 'notExist'
      ? again({ ...attempt.closing, next: 'query' }, nowMs)
      : { ...attempt.closing, next: 'verify' as const, nextAtMs: nowMs };
  return withAttempt({ ...state, trouble: null }, event.outTradeNo, { closing });
}

function again(closing: Closing, nowMs: number): Closing {
  const tries = closing.tries + 1;
  const unconfirmed = nowMs - (closing.sinceMs ?? nowMs) >= STUCK_AFTER_MS;
  return { ...closing, tries, nextAtMs: nowMs + closeDelayMs(tries), unconfirmed };
}
