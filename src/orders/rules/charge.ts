import { isCharge, isOurs, isUnsettled, type Attempt } from './attempt.js';
import type { OutTradeNo } from '../../base/ids.js';
import { answeredAtLast, closingDueMs, NOT_BEGUN } from './closing.js';
import type { ChargeAnswered } from './events.js';
import { writtenOpen } from './prepay.js';
import { CHARGE_LASTS_MS, CHARGE_POLL_MS } from './schedules.js';
import { attemptOf, withAttempt, type OrderState } from './state.js';

/**
 * What a charge came to. Only a refusal is final: what was taken, or may have been, is asked about. A number in use holds somebody
 * else's trade, since a number is charged once.
 */
export function chargeAnswered(order: OrderState, event: ChargeAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(order, event.outTradeNo);
  if (attempt === undefined) return order;
  const heard = answeredAtLast(order);
  const firstAtMs = event.sentAtMs ?? attempt.prepay.sent?.firstAtMs ?? nowMs;
  const sentAs = (isUnknown: boolean): Pick<Attempt, 'prepay'> => ({
    prepay: { isDue: false, sent: { firstAtMs, isAsking: false, isUnknown } },
  });
  const refusal = { code: event.refusedWith ?? null, isFinal: event.kind === 'refused' };
  const asking = { ask: { why: 'charge', atMs: nowMs } } as const;
  switch (event.kind) {
    case 'refused':
      return withAttempt(heard, event.outTradeNo, {
        ...sentAs(false),
        refusal,
        phase: { state: 'failed', foreign: false },
      });
    case 'conflict':
      return withAttempt(heard, event.outTradeNo, { ...sentAs(false), refusal, closing: NOT_BEGUN });
    case 'unknown':
      return withAttempt(heard, event.outTradeNo, { ...sentAs(true), ...asking });
    case 'paid':
    case 'paying': {
      const taken = opened({ ...attempt, ...sentAs(false), ...(event.kind === 'paid' ? asking : {}) }, firstAtMs);
      return withAttempt(writtenOpen(awaiting(heard), taken), event.outTradeNo, taken);
    }
    default:
      return event.kind satisfies never;
  }
}

/** A query shows that WeChat Pay took the charge. */
export function chargeSeen(order: OrderState, attempt: Attempt): OrderState {
  if (!isCharge(attempt) || attempt.phase.state !== 'preparing' || attempt.prepay.sent === null) return order;
  return withAttempt(awaiting(order), attempt.outTradeNo, opened(attempt, attempt.prepay.sent.firstAtMs));
}

const opened = (attempt: Attempt, openedAtMs: number): Attempt => ({
  ...attempt,
  phase: attempt.phase.state === 'preparing' ? { state: 'open' } : attempt.phase,
  code: { openedAtMs, expiresAtMs: null },
});

const awaiting = (order: OrderState): OrderState =>
  order.phase.state === 'creating' ? { ...order, phase: { ...order.phase, state: 'awaitingPayment' } } : order;

/** When an unanswered charge is given up, and the order with it; null: none is under way. */
export function chargeEndsMs({ attempts }: Pick<OrderState, 'attempts'>): number | null {
  const sent = attempts.find((it) => isCharge(it) && isUnsettled(it) && it.closing === null && it.prepay.sent !== null);
  return sent?.prepay.sent == null ? null : sent.prepay.sent.firstAtMs + CHARGE_LASTS_MS;
}

/** When a charge that is being closed is given up: its reverse waits no longer for the query before it. Null: none is to be reversed. */
export function giveUpMs(attempt: Attempt): number | null {
  const next = attempt.closing?.next;
  if (!isCharge(attempt) || !isOurs(attempt) || attempt.isReversing) return null;
  if (next?.kind === 'close') return next.atMs;
  return next?.kind === 'query' ? next.atMs + CHARGE_POLL_MS : null;
}

/** From now on its money goes back, also where no answer to a reverse is ever heard. */
export function reverseDecided(order: OrderState, outTradeNo: OutTradeNo): OrderState {
  const closing = attemptOf(order, outTradeNo)?.closing ?? null;
  if (closing === null) return order;
  const next = { kind: 'close', atMs: closingDueMs(closing) } as const;
  return withAttempt(order, outTradeNo, { isReversing: true, ask: null, doubt: null, closing: { ...closing, next } });
}
