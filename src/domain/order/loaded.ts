import { compensated } from './fulfilment.js';
import type { Evidence } from './evidence.js';
import { differences, withDifferences } from './judge.js';
import { dueAtMs } from './projection.js';
import type { OrderRecord } from './record.js';
import { storedOrder, type StoredAttempt, type StoredOrder } from './stored.js';
import {
  attemptOf,
  isKnown,
  isLoose,
  newAttempt,
  newOrder,
  withAttempt,
  type Attempt,
  type OrderState,
  type Shop,
} from './state.js';
import { isFinal, isWaiting, type StuckReason } from './states.js';
import type { Trouble } from './trouble.js';
import { isExplained } from './stuck.js';
import { isOwn } from '../refund/states.js';

/** What an order's row tells its workflow; the loop's own bookkeeping begins afresh. */
export function orderOf(stored: StoredOrder): OrderState {
  const { mchid, orderNo, amountFen, createdAtMs, expiresAtMs: deadlineMs, policy } = stored;
  const attempts = stored.attempts.map((attempt) => attemptOfStored(attempt, stored));
  const fresh = newOrder({ mchid, orderNo, amountFen, createdAtMs, deadlineMs, policy, attempts });
  const { state, closedReason, closedAtMs, reviewReason, ending } = stored;
  const { paidAttempt, paidFen, paidAtMs, foundBy, fulfilment, stuckReason } = stored;
  const held = heldOf(stored, stuckReason);
  const order = withMoneyBack({
    ...{ ...fresh, state, closedReason, closedAtMs, reviewReason, ending },
    ...{ paidAttempt, paidFen, paidAtMs, foundBy, fulfilment, held, stuckReason },
    shop: shopOf(stored.paidEvent),
    trouble: isWaiting(state) ? troubleOf(stuckReason) : null,
    stuckSinceMs: stuckReason === null ? null : stored.stuckSinceMs,
    refundedElsewhere: stuckReason === 'refunded_elsewhere' && !isExplained(stored),
    surplus: stuckReason === 'review' && isFinal(state) && held === null,
  });
  // What a crash left to do was done by somebody else meanwhile: the row has to say so.
  return { ...order, changed: stored.dueAtMs !== null && dueAtMs(order) === null };
}

export const orderOfRecord = (record: OrderRecord): OrderState => orderOf(storedOrder(record));

/**
 * Puts evidence back into an order: the workflow that knew it was lost. What disagrees with the order keeps its attempt disputed,
 * whoever said it and whatever was settled since. What no query has confirmed is asked about at once; queries are made again
 * anyway.
 */
export function withEvidence(order: OrderState, evidence: readonly Evidence[]): OrderState {
  return evidence.reduce((folded, said) => {
    const { source, outTradeNo, transactionId } = said;
    const attempt = attemptOf(folded, outTradeNo);
    if (attempt === undefined || attempt.foreign) return folded;
    const found = differences(folded, attempt, said);
    const differs = withDifferences(attempt.differs, found);
    const disputed = attempt.disputed || found.length > 0;
    if (source === 'query' || attempt.transactionId === transactionId) {
      return withAttempt(folded, outTradeNo, { disputed, differs });
    }
    // A person who decided to close has dismissed it; the closing asks WeChat Pay all the same.
    const isDismissed = folded.state === 'review' && folded.ending === 'cancelled';
    const doubt = isDismissed ? null : { transactionId, tries: 0, nextAtMs: 0 };
    return withAttempt(folded, outTradeNo, { disputed, differs, doubt });
  }, order);
}

/** What kept WeChat Pay from answering stands until it answers. */
const troubleOf = (reason: StuckReason | null): Trouble | null =>
  reason === 'merchant_config' || reason === 'gateway_unreachable' ? reason : null;

/** Why an overdue fulfilment waits for a person. Once its money is on its way back somebody has decided. */
export function heldOf(
  { fulfilment, refunds, paidAttempt }: Pick<StoredOrder, 'fulfilment' | 'refunds' | 'paidAttempt'>,
  reason: StuckReason | null,
): OrderState['held'] {
  const decided = refunds.some(({ outTradeNo, cause }) => outTradeNo === paidAttempt && isOwn(cause));
  if (fulfilment !== 'overdue' || decided) return null;
  return reason === 'review' || reason === 'shop_unreachable' ? reason : null;
}

/** What the shop knows, from what became of `order.paid`. */
export function shopOf(paidEvent: StoredOrder['paidEvent']): Shop {
  if (paidEvent === null) return { kind: 'untold' };
  if (paidEvent.deliveredAtMs !== null) return { kind: 'told', atMs: paidEvent.deliveredAtMs };
  switch (paidEvent.status) {
    case 'exhausted':
      return { kind: 'unreachable' };
    case 'unaddressed':
      return { kind: 'unaddressed' };
    case 'pending':
    case 'withdrawn':
    case 'delivered':
      return { kind: 'untold' };
    default:
      return paidEvent.status satisfies never;
  }
}

/**
 * Money that had to go back when the workflow was lost still has to. Money that belongs to nobody is asked about first: it may
 * have gone back without PaySaga.
 */
function withMoneyBack(state: OrderState): OrderState {
  const compensates = state.held === null && (state.fulfilment === 'rejected' || state.fulfilment === 'overdue');
  const begun = compensates
    ? compensated(state, state.fulfilment === 'rejected' ? 'fulfilment_rejected' : 'fulfilment_overdue')
    : state;
  if (!isFinal(state.state) && state.ending !== 'returned') return begun;
  const attempts = begun.attempts.map((attempt) =>
    isLoose(begun, attempt) ? { ...attempt, ask: 'settle' as const } : attempt,
  );
  return { ...begun, attempts };
}

function attemptOfStored(stored: StoredAttempt, { refunds }: StoredOrder): Attempt {
  const { outTradeNo, product, appid, state, codeGiven, prepayUnknown, foreign, prepayStartedAtMs } = stored;
  const { refusedWith, codeExpiresAtMs, transactionId, paidFen, paidAtMs, backFen } = stored;
  const own = refunds.find((it) => it.outTradeNo === outTradeNo && isOwn(it.cause));
  const isPreparing = state === 'preparing';
  return {
    ...newAttempt(outTradeNo, product, appid),
    ...{ state, codeGiven, prepayUnknown, foreign, refusedWith, codeExpiresAtMs },
    ...{ transactionId, paidFen, paidAtMs, backFen },
    // A prepay that was under way when the workflow was lost is sent again: same number, same bytes.
    wantsCode: isPreparing && (prepayStartedAtMs !== null || stored.isPlanned),
    firstPrepayAtMs: prepayStartedAtMs,
    refused: stored.isRefused && state === 'failed' && !foreign,
    openedAtMs: codeGiven ? prepayStartedAtMs : null,
    back: own === undefined ? null : { cause: own.cause, state: 'started' },
  };
}

/** Postgres' facts with what only this workflow knows: evidence in doubt, what is being closed and why, what it was asked. */
export function merged(state: OrderState, facts: OrderState): OrderState {
  const kept = state.attempts.reduce((folded, before) => {
    const now = attemptOf(folded, before.outTradeNo);
    if (now === undefined) return { ...folded, attempts: [...folded.attempts, before] };
    const decided = now.state === 'succeeded' && now.transactionId === before.doubt?.transactionId;
    const { closing, confirmed } = before;
    const disputed = before.disputed || now.disputed;
    const differs = withDifferences(now.differs, before.differs);
    const prepayUnknown = before.prepayUnknown || before.asking || now.prepayUnknown;
    const ask = before.ask ?? now.ask;
    const doubt = decided ? null : before.doubt;
    const back = backOf(before, now);
    return withAttempt(folded, before.outTradeNo, {
      refusedWith: before.refusedWith ?? now.refusedWith,
      ...{ disputed, differs, closing, ask, confirmed, doubt, back, prepayUnknown },
    });
  }, facts);
  // A close that is written down goes on, whatever this run believed; only one whose money cannot go back has stopped.
  const isStopped = state.attempts.some(({ back }) => back?.state === 'refused');
  const isStillResolved = facts.state === 'review' && state.state === 'review';
  const believed = isWaiting(facts.state) || isStillResolved ? state.ending : null;
  const ending = isStopped ? believed : (facts.ending ?? believed);
  const { unansweredSinceMs, handed, resolving, resolution } = state;
  const trouble = isKnown(state) ? state.trouble : facts.trouble;
  const outbox = facts.outbox.filter(({ id }) => !handed.includes(id));
  const joined: OrderState = { ...kept, ending, trouble, unansweredSinceMs, outbox, handed, resolving, resolution };
  return state.loading === 'all' ? askedAgain(joined) : joined;
}

/** A refund that is reserved is a fact; that one is wanted, or can not be made, only this workflow knows. */
const backOf = (before: Attempt, now: Attempt): Attempt['back'] =>
  now.state === 'succeeded' && now.back?.state !== 'started' ? (before.back ?? now.back) : now.back;

/** What was paid too: its money may have gone back without PaySaga. */
function askedAgain(state: OrderState): OrderState {
  const ask = (attempt: Attempt): Attempt =>
    attempt.firstPrepayAtMs !== null && !attempt.wantsCode ? { ...attempt, ask: attempt.ask ?? 'recheck' } : attempt;
  return { ...state, attempts: state.attempts.map(ask) };
}
