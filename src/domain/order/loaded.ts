import { refusedWith } from '../gateway-answer.js';
import { isKeyAfter } from '../../base/ids.js';
import { compensated } from './fulfilment.js';
import { withDifferences } from './judge.js';
import { dueAtMs } from './projection.js';
import type { AttemptRecord, OrderRecord } from './record.js';
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
export function factsOfRecord(order: OrderRecord): OrderState {
  const attempts = order.attempts.map((attempt) => knownAttempt(attempt, order));
  const fresh = newOrder({
    mchid: order.mchid,
    orderNo: order.orderNo,
    amountFen: order.amountFen,
    createdAtMs: order.createdAt.getTime(),
    deadlineMs: order.expiresAt.getTime(),
    policy: order.policy,
    attempts,
  });
  const held = heldOf(order);
  const facts = withMoneyBack({
    ...fresh,
    state: order.state,
    closedReason: order.closedReason,
    reviewReason: order.reviewReason,
    ending: order.ending,
    paidAttempt: order.paidAttempt,
    paidFen: order.paidFen,
    paidAtMs: order.paidAt?.getTime() ?? null,
    foundBy: order.foundBy,
    closedAtMs: order.closedAt?.getTime() ?? null,
    fulfilment: order.fulfilment,
    held,
    shop: shopOf(order.paidEvent),
    stuckReason: order.ownStuckReason,
    trouble: isWaiting(order.state) ? troubleOf(order.ownStuckReason) : null,
    stuckSinceMs: order.ownStuckReason === null ? null : (order.stuckSince?.getTime() ?? null),
    refundedElsewhere: order.ownStuckReason === 'refunded_elsewhere' && !isExplained(order),
    surplus: order.ownStuckReason === 'review' && isFinal(order.state) && held === null,
  });
  // What a crash left to do was done by somebody else meanwhile: the row has to say so.
  return { ...facts, changed: order.dueAt !== null && dueAtMs(facts) === null };
}

/** Facts that an older build read, as its history holds them: what it did not know yet is absent there. */
export const completed = (facts: OrderState): OrderState => ({ ...LATER_FACTS, ...facts });

const LATER_FACTS = { foundBy: null, refundedElsewhere: false, stuckSinceMs: null, unwritten: false } as const;

/** What kept WeChat Pay from answering stands until it answers. */
const troubleOf = (reason: StuckReason | null): Trouble | null =>
  reason === 'merchant_config' || reason === 'gateway_unreachable' ? reason : null;

/** Why an overdue fulfilment waits for a person. Once its money is on its way back somebody has decided. */
export function heldOf(order: OrderRecord): OrderState['held'] {
  const { fulfilment, ownStuckReason: reason, refunds, paidAttempt } = order;
  const decided = refunds.some(({ outTradeNo, cause }) => outTradeNo === paidAttempt && isOwn(cause));
  if (fulfilment !== 'overdue' || decided) return null;
  return reason === 'review' || reason === 'shop_unreachable' ? reason : null;
}

/** What the shop knows, from what became of `order.paid`. */
export function shopOf(paidEvent: OrderRecord['paidEvent']): Shop {
  if (paidEvent === null) return { kind: 'untold' };
  if (paidEvent.deliveredAt !== null) return { kind: 'told', atMs: paidEvent.deliveredAt.getTime() };
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

function knownAttempt(attempt: AttemptRecord, { attempts, refunds }: OrderRecord): Attempt {
  const own = refunds.find((it) => it.outTradeNo === attempt.outTradeNo && isOwn(it.cause));
  const isPreparing = attempt.state === 'preparing';
  const untouched = isPreparing && attempt.prepayStartedAt === null;
  const isPlanned = attempt.number === 1 || (isKeyAfter(attempt.attemptKey) && attempt === attempts.at(-1));
  return {
    ...newAttempt(attempt.outTradeNo, attempt.product, attempt.appid),
    state: attempt.state,
    // A prepay that was under way when the workflow was lost is sent again: same number, same bytes.
    wantsCode: isPreparing && (!untouched || isPlanned),
    firstPrepayAtMs: attempt.prepayStartedAt?.getTime() ?? null,
    codeGiven: attempt.codeGiven,
    prepayUnknown: attempt.prepayUnknown,
    refused: attempt.refusal !== null && attempt.state === 'failed' && !attempt.foreign,
    refusedWith: refusedWith(attempt.gateway),
    foreign: attempt.foreign,
    openedAtMs: attempt.codeGiven ? (attempt.prepayStartedAt?.getTime() ?? null) : null,
    codeExpiresAtMs: attempt.codeExpiresAt?.getTime() ?? null,
    transactionId: attempt.transactionId,
    paidFen: attempt.paidFen,
    paidAtMs: attempt.paidAt?.getTime() ?? null,
    backFen: attempt.refundedFen + attempt.refundingFen,
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
