import type { OutTradeNo } from '../../base/ids.js';
import type { Attempt } from './attempt.js';
import { answeredAtLast, NOT_BEGUN } from './closing.js';
import type { PrepayAnswered } from './events.js';
import { attemptOf, withAttempt, type OrderState } from './state.js';

/** A prepay leaves: from now on a trade of this number may be PaySaga's. */
export function prepayStarted(order: OrderState, outTradeNo: OutTradeNo, nowMs: number): OrderState {
  const { isDue = false, sent = null } = attemptOf(order, outTradeNo)?.prepay ?? {};
  const { firstAtMs, isUnknown } = sent ?? { firstAtMs: nowMs, isUnknown: false };
  return withAttempt(order, outTradeNo, { prepay: { isDue, sent: { firstAtMs, isAsking: true, isUnknown } } });
}

/** Given up before its answer came: nobody knows what became of it. */
export function prepayAbandoned(order: OrderState, outTradeNo: OutTradeNo): OrderState {
  const { isDue = false, sent = null } = attemptOf(order, outTradeNo)?.prepay ?? {};
  if (sent === null) return order;
  return withAttempt(order, outTradeNo, { prepay: { isDue, sent: { ...sent, isAsking: false, isUnknown: true } } });
}

/** With a code somebody can pay; without one, what WeChat Pay has under the number is to be found out. */
export function prepayAnswered(order: OrderState, event: PrepayAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(order, event.outTradeNo);
  if (attempt === undefined) return order;
  const heard = answeredAtLast(order);
  const { phase, code, refusal } = attempt;
  const { firstAtMs = nowMs, isUnknown: wasUnknown = false } = attempt.prepay.sent ?? {};
  const isSettled = event.kind === 'taken' || event.settlesEarlier === true;
  const isUnknown = !isSettled && (wasUnknown || event.earlierUnknown);
  if (event.kind !== 'opened') {
    return withAttempt(heard, event.outTradeNo, {
      prepay: { isDue: false, sent: { firstAtMs, isAsking: false, isUnknown } },
      refusal: { code: event.refusedWith ?? refusal?.code ?? null, isFinal: event.kind === 'refused' },
      closing: NOT_BEGUN,
    });
  }
  const pace = event.pace ?? code?.pace;
  const opened: Attempt = {
    ...attempt,
    phase: phase.state === 'preparing' ? { state: 'open' } : phase,
    prepay: { isDue: false, sent: { firstAtMs, isAsking: false, isUnknown } },
    code: {
      openedAtMs: code?.openedAtMs ?? nowMs,
      expiresAtMs: event.codeExpiresAtMs,
      ...(pace === undefined ? {} : { pace }),
    },
  };
  const awaiting =
    order.phase.state === 'creating' ? ({ ...order.phase, state: 'awaitingPayment' } as const) : order.phase;
  return withAttempt(writtenOpen({ ...heard, phase: awaiting }, opened), event.outTradeNo, opened);
}

/** The activity wrote in its own transaction that the attempt is open, and its order awaits the payment. */
export function writtenOpen(order: OrderState, { outTradeNo, prepay }: Attempt): OrderState {
  const { confirmed } = order;
  const isUnknown = prepay.sent?.isUnknown ?? false;
  const attempts = confirmed.attempts.map((it) => {
    if (it.outTradeNo !== outTradeNo) return it;
    return { ...it, state: it.state === 'preparing' ? 'open' : it.state, prepayUnknown: isUnknown } as const;
  });
  const state = confirmed.state === 'creating' ? 'awaitingPayment' : confirmed.state;
  return { ...order, confirmed: { ...confirmed, state, attempts } };
}
