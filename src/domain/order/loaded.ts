import type { AttemptRecord, OrderRecord } from './record.js';
import { attemptOf, newAttempt, newOrder, withAttempt, type Attempt, type OrderState } from './state.js';

/** What an order's row tells its workflow; the loop's own bookkeeping begins afresh. */
export function factsOfRecord(order: OrderRecord): OrderState {
  const attempts = order.attempts.map(attemptFacts);
  const fresh = newOrder({
    mchid: order.mchid,
    orderNo: order.orderNo,
    amountFen: order.amountFen,
    createdAtMs: order.createdAt.getTime(),
    deadlineMs: order.expiresAt.getTime(),
    attempts,
  });
  return {
    ...fresh,
    state: order.state,
    closedReason: order.closedReason,
    reviewReason: order.reviewReason,
    stuckReason: order.stuckReason,
    paidAttempt: order.paidAttempt,
    paidFen: order.paidFen,
    payerFen: order.payerFen,
    paidAtMs: order.paidAt?.getTime() ?? null,
    closedAtMs: order.closedAt?.getTime() ?? null,
    surplus: order.stuckReason === 'review' && (order.state === 'paid' || order.state === 'closed'),
  };
}

function attemptFacts(attempt: AttemptRecord): Attempt {
  const untouched = attempt.state === 'preparing' && attempt.prepayStartedAt === null;
  return {
    ...newAttempt(attempt.outTradeNo, attempt.product, attempt.appid),
    state: attempt.state,
    // A prepay that was under way when the workflow was lost is sent again: same number, same bytes.
    wantsCode: attempt.state === 'preparing' && (untouched ? attempt.number === 1 : true),
    prepayStarted: attempt.prepayStartedAt !== null,
    codeGiven: attempt.codeGiven,
    prepayUnknown: attempt.prepayUnknown || (attempt.state === 'preparing' && !untouched),
    refused: attempt.refusal !== null,
    openedAtMs: attempt.codeGiven ? (attempt.prepayStartedAt?.getTime() ?? null) : null,
    codeExpiresAtMs: attempt.codeExpiresAt?.getTime() ?? null,
    transactionId: attempt.transactionId,
    paidFen: attempt.paidFen,
  };
}

/** Postgres' facts with what only this workflow knows: evidence in doubt, what is being closed and why, what it was asked. */
export function merged(state: OrderState, facts: OrderState): OrderState {
  const kept = state.attempts.reduce((folded, before) => {
    const now = attemptOf(folded, before.outTradeNo);
    if (now === undefined) return { ...folded, attempts: [...folded.attempts, before] };
    const decided = now.state === 'succeeded' && now.transactionId === before.doubt?.transactionId;
    const { disputed, closing, ask } = before;
    return withAttempt(folded, before.outTradeNo, { disputed, closing, ask, doubt: decided ? null : before.doubt });
  }, facts);
  const ending = isWaiting(facts) ? state.ending : null;
  const joined: OrderState = { ...kept, ending, trouble: state.trouble };
  return state.loading === 'all' ? askedAgain(joined) : joined;
}

const isWaiting = (state: OrderState): boolean => state.state === 'creating' || state.state === 'awaitingPayment';

function askedAgain(state: OrderState): OrderState {
  const ask = (attempt: Attempt): Attempt =>
    attempt.prepayStarted && attempt.state !== 'succeeded' && !attempt.wantsCode
      ? { ...attempt, ask: attempt.ask ?? 'recheck' }
      : attempt;
  return { ...state, attempts: state.attempts.map(ask) };
}
