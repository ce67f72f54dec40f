import { backOf, paymentOf, type Attempt, type GiveBack, type Payment, type Prepay } from './attempt.js';
import { joinedDispute } from './evidence.js';
import { attemptOf, endingOf, isKnown, withAttempt, withEnding, type OrderState } from './state.js';
import { isWaiting } from './states.js';

/** Postgres' facts with what only this workflow knows: evidence in doubt, what is being closed and why, what it was asked. */
export function merged(order: OrderState, facts: OrderState): OrderState {
  const kept = order.attempts.reduce((folded, before) => {
    const now = attemptOf(folded, before.outTradeNo);
    if (now === undefined) return { ...folded, attempts: [...folded.attempts, before] };
    return withAttempt(folded, before.outTradeNo, mergedAttempt(before, now));
  }, facts);
  const { handed } = order.telling;
  const outbox = facts.telling.outbox.filter(({ id }) => !handed.includes(id));
  const joined: OrderState = {
    ...withEnding(kept, endingKept(order, facts)),
    telling: { ...facts.telling, outbox, handed },
    decision: order.decision,
    gateway: {
      trouble: isKnown(order) ? order.gateway.trouble : facts.gateway.trouble,
      unansweredSinceMs: order.gateway.unansweredSinceMs,
    },
  };
  return order.loading === 'all' ? askedAgain(joined) : joined;
}

/** A close that is written down goes on, whatever this run believed; only one whose money cannot go back has stopped. */
function endingKept(order: OrderState, facts: OrderState): ReturnType<typeof endingOf> {
  const isStopped = order.attempts.some((attempt) => backOf(attempt)?.state === 'refused');
  const isStillResolved = facts.phase.state === 'review' && order.phase.state === 'review';
  const believed = isWaiting(facts.phase.state) || isStillResolved ? endingOf(order) : null;
  return isStopped ? believed : (endingOf(facts) ?? believed);
}

function mergedAttempt(before: Attempt, now: Attempt): Attempt {
  const payment = paymentOf(now);
  const isSettled = payment !== null && payment.transactionId === before.doubt?.transactionId;
  const code = before.refusal?.code ?? now.refusal?.code ?? null;
  const isFinal = now.refusal?.isFinal ?? false;
  return {
    ...now,
    phase: payment === null ? now.phase : { state: 'succeeded', ...payment, ...knownOfMoney(before, payment) },
    prepay: mergedPrepay(before.prepay, now.prepay),
    refusal: code === null && !isFinal ? null : { code, isFinal },
    dispute: joinedDispute(now.dispute, before.dispute),
    ask: before.ask ?? now.ask,
    doubt: isSettled ? null : before.doubt,
    closing: before.closing,
    isReversing: before.isReversing || now.isReversing,
  };
}

/** A refund that is reserved is a fact; that one is wanted, or can not be made, only this workflow knows. */
function knownOfMoney(before: Attempt, { back }: Payment): Pick<Payment, 'back' | 'confirmed'> {
  const kept: GiveBack | null = back?.state === 'started' ? back : (backOf(before) ?? back);
  return { back: kept, confirmed: paymentOf(before)?.confirmed ?? null };
}

function mergedPrepay(before: Prepay, { isDue, sent }: Prepay): Prepay {
  const wasUnknown = before.sent !== null && (before.sent.isUnknown || before.sent.isAsking);
  const known = sent ?? before.sent;
  return { isDue, sent: known && { ...known, isAsking: false, isUnknown: known.isUnknown || wasUnknown } };
}

/** Also what was paid: its money may have gone back without PaySaga. */
function askedAgain(order: OrderState): OrderState {
  const attempts = order.attempts.map((it): Attempt => {
    const isAsked = it.prepay.sent !== null && !it.prepay.isDue;
    return isAsked ? { ...it, ask: it.ask ?? { why: 'recheck', atMs: 0 } } : it;
  });
  return { ...order, attempts };
}
