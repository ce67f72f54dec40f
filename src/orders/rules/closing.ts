import { isCharge, isOurs, isUnsettled, withoutPrepay, type Attempt, type Closing } from './attempt.js';
import type { CloseAnswered, TradeAnswered } from './events.js';
import { ASK_AGAIN_MS, closeDelayMs, NOT_EXIST_GAP_MS, REVERSE_AFTER_MS, STUCK_AFTER_MS } from './schedules.js';
import {
  ANSWERING,
  attemptOf,
  endingOf,
  isPayable,
  takesNoMoney,
  withAttempt,
  withEnding,
  type OrderState,
} from './state.js';
import type { StuckReason } from './states.js';

export const NOT_BEGUN: Closing = {
  next: { kind: 'query', atMs: 0, missingSinceMs: null },
  tries: 0,
  sinceMs: null,
  askedAtMs: null,
  limitedUntilMs: 0,
  isUnconfirmed: false,
  isMisconfigured: false,
};

/** Query → close → query, until WeChat Pay says CLOSED; a charge is reversed in place of the close. What was shown before, perhaps by an earlier run, still holds. */
export function beginClosings(order: OrderState, shown: StuckReason | null, nowMs: number): OrderState {
  const ending = endingOf(order);
  const isAsked = ending === 'cancelled' || ending === 'returned';
  return order.attempts.reduce((folded, attempt) => {
    if (!mustClose(order, attempt) || attempt.closing !== null) return folded;
    // Nothing was ever sent for this number and the order goes on without it, or its charge is refused from now on: there is no trade.
    const isNeverSent = attempt.prepay.sent === null && (ending === null || isCharge(attempt));
    const isUnconfirmed = shown === 'close_unconfirmed';
    const atMs = isCharge(attempt) ? Math.max(nowMs, reversibleFromMs(attempt)) : 0;
    const next = { kind: 'query', atMs, missingSinceMs: null } as const;
    const closing: Closing = { ...NOT_BEGUN, next, isUnconfirmed, askedAtMs: isAsked ? nowMs : null };
    return withAttempt(folded, attempt.outTradeNo, isNeverSent ? failed(attempt) : { closing });
  }, order);
}

/** A closing under way is tried at once, also while a limit asks for quiet; a repeat a moment later counts as the same question. */
export function closeRequested(order: OrderState, nowMs: number): OrderState {
  if (isPayable(order)) return withEnding(order, 'cancelled');
  if (endingOf(order) === null) return order;
  return order.attempts.reduce((folded, attempt) => {
    const { outTradeNo, closing } = attempt;
    if (closing === null || nowMs - (closing.askedAtMs ?? -Infinity) < ASK_AGAIN_MS) return folded;
    const { next } = closing;
    const nowAtMs = Math.max(nowMs, reversibleFromMs(attempt));
    const now = next.kind === 'verify' ? next : { ...next, atMs: Math.min(next.atMs, nowAtMs) };
    return withAttempt(folded, outTradeNo, { closing: { ...closing, askedAtMs: nowMs, next: now } });
  }, order);
}

/** A charge is not reversed sooner after it left, as WeChat Pay advises: 0 is any time. */
const reversibleFromMs = ({ prepay: { sent }, ...attempt }: Pick<Attempt, 'product' | 'prepay'>): number =>
  isCharge(attempt) && sent !== null ? sent.firstAtMs + REVERSE_AFTER_MS : 0;

/** An order that takes no more money closes all that is unsettled; a new attempt closes the ones before it. */
function mustClose(order: OrderState, attempt: Attempt): boolean {
  if (!isUnsettled(attempt)) return false;
  const later = order.attempts.slice(order.attempts.indexOf(attempt) + 1);
  return takesNoMoney(order) || later.some(({ phase, prepay }) => phase.state === 'preparing' && prepay.isDue);
}

const failed = (attempt: Attempt): Partial<Attempt> => ({
  phase: { state: 'failed', foreign: false },
  ...withoutPrepay(attempt),
  closing: null,
});

/** A query's answer, for an attempt being closed, that shows neither money nor CLOSED. */
export function closingAnswered(order: OrderState, { outTradeNo, answer }: TradeAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(order, outTradeNo);
  if (attempt?.closing == null || !isUnsettled(attempt)) return order;
  const closing = { ...attempt.closing, sinceMs: attempt.closing.sinceMs ?? nowMs };
  // A charge that may still be on its way is reversed all the same.
  const isToReverse = isCharge(attempt) && isOurs(attempt) && !attempt.isReversing;
  const isMissing = answer.kind === 'notExist' && attempt.code === null;
  if (isMissing && !isToReverse) return neverOpened(order, attempt, closing, nowMs);
  const { next } = closing;
  if ((answer.kind === 'notPaid' || (isMissing && isToReverse)) && next.kind !== 'verify') {
    // What somebody asked meanwhile puts off no close that is planned.
    const earliestMs = Math.max(nowMs, closing.limitedUntilMs, reversibleFromMs(attempt));
    const atMs = next.kind === 'close' ? next.atMs : earliestMs;
    return withAttempt(order, outTradeNo, { closing: { ...closing, next: { kind: 'close', atMs } } });
  }
  return withAttempt(order, outTradeNo, {
    closing: again(closing, answer.kind === 'notPaid' ? 'close' : 'query', nowMs),
  });
}

/** Money came of a charge that is being reversed: the next reverse gives it back. */
export function reversalAnswered(order: OrderState, event: TradeAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(order, event.outTradeNo);
  if (attempt === undefined || event.answer.kind !== 'paid') return closingAnswered(order, event, nowMs);
  const begun = attempt.closing ?? NOT_BEGUN;
  const closing = again({ ...begun, sinceMs: begun.sinceMs ?? nowMs }, 'close', nowMs);
  return withAttempt(order, attempt.outTradeNo, { closing });
}

/** A prepay that was lost on its way may still arrive: one "no such order" is enough only after a definitive refusal. */
function neverOpened(order: OrderState, attempt: Attempt, closing: Closing, nowMs: number): OrderState {
  const { next } = closing;
  const sinceMs = (next.kind === 'query' ? next.missingSinceMs : null) ?? nowMs;
  const isSure = attempt.refusal?.isFinal === true && attempt.prepay.sent?.isUnknown !== true;
  if (isSure || nowMs - sinceMs >= NOT_EXIST_GAP_MS) return withAttempt(order, attempt.outTradeNo, failed(attempt));
  const waiting = { kind: 'query', atMs: sinceMs + NOT_EXIST_GAP_MS, missingSinceMs: sinceMs } as const;
  return withAttempt(order, attempt.outTradeNo, { closing: { ...closing, next: waiting } });
}

/** A close call's answer, or its silence, proves nothing by itself; the next thing is a query. */
export function closeAnswered(order: OrderState, event: CloseAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(order, event.outTradeNo);
  const isHeard = event.kind !== 'unanswered' && event.kind !== 'tooEarly';
  const heard = isHeard ? answeredAtLast(order) : order;
  if (attempt?.closing == null) return heard;
  if (event.notBeforeMs !== undefined)
    return withAttempt(heard, event.outTradeNo, putOff(attempt.closing, event.notBeforeMs));
  const isMisconfigured = event.kind === 'misconfigured';
  const isNoUse = isMisconfigured || event.kind === 'refused' || event.kind === 'notExist';
  const limitedUntilMs = event.limitedForMs == null ? 0 : nowMs + event.limitedForMs;
  const tried: Closing = { ...attempt.closing, limitedUntilMs };
  const closing: Closing = isNoUse
    ? again({ ...tried, isMisconfigured }, 'query', nowMs)
    : { ...tried, next: { kind: 'verify' } };
  const { refusal } = attempt;
  const code = event.refusedWith ?? null;
  return withAttempt(heard, event.outTradeNo, {
    closing,
    refusal: code === null ? refusal : { code, isFinal: refusal?.isFinal ?? false },
  });
}

/** Nothing was tried, so nothing lasts too long yet. */
const putOff = (closing: Closing, notBeforeMs: number): Partial<Attempt> => ({
  closing: { ...closing, next: { kind: 'close', atMs: notBeforeMs }, sinceMs: notBeforeMs },
});

/** Milliseconds from a close to the next, unless a query says CLOSED or money. */
export const closeAgainInMs = ({ tries }: Closing): number => closeDelayMs(tries + 1);

export const answeredAtLast = (order: OrderState): OrderState => ({ ...order, gateway: ANSWERING });

/** When the next call of a closing is due; 0: at once. */
export const closingDueMs = ({ next }: Closing): number => (next.kind === 'verify' ? 0 : next.atMs);

/** When the closing has lasted so long that it shows as stuck; null once it does. */
export const closingShownMs = ({ closing }: Attempt): number | null =>
  closing?.sinceMs == null || closing.isUnconfirmed ? null : closing.sinceMs + STUCK_AFTER_MS;

/** Marks what has lasted too long: a call without an answer, a closing without CLOSED. */
export function overlong(order: OrderState, nowMs: number): OrderState {
  const attempts = order.attempts.map((attempt): Attempt => {
    const { closing } = attempt;
    const isLate = closing !== null && (closingShownMs(attempt) ?? Infinity) <= nowMs;
    return isLate ? { ...attempt, closing: { ...closing, isUnconfirmed: true } } : attempt;
  });
  const { trouble, unansweredSinceMs } = order.gateway;
  const isSilent = unansweredSinceMs !== null && nowMs - unansweredSinceMs >= STUCK_AFTER_MS;
  const shown = trouble ?? (isSilent ? 'gateway_unreachable' : null);
  return { ...order, attempts, gateway: { trouble: shown, unansweredSinceMs } };
}

function again(closing: Closing, kind: 'query' | 'close', nowMs: number): Closing {
  const tries = closing.tries + 1;
  const isUnconfirmed = nowMs - (closing.sinceMs ?? nowMs) >= STUCK_AFTER_MS;
  const plannedMs = nowMs + closeAgainInMs(closing);
  const next =
    kind === 'close'
      ? ({ kind, atMs: Math.max(plannedMs, closing.limitedUntilMs) } as const)
      : ({ kind, atMs: plannedMs, missingSinceMs: null } as const);
  return { ...closing, tries, next, isUnconfirmed };
}
