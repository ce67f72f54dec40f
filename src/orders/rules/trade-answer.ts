import type { TradeAnswer } from './gateway-answer.js';
import {
  isBeingReversed,
  isCharge,
  isForeign,
  isOurs,
  paymentOf,
  withoutPrepay,
  type Attempt,
  type Payment,
} from './attempt.js';
import { chargeSeen } from './charge.js';
import { answeredAtLast, closingAnswered, reversalAnswered } from './closing.js';
import type { TradeAnswered } from './events.js';
import { differences, joinedDispute, mayBeOurs } from './evidence.js';
import { paidBy } from './fulfilment.js';
import type { RefundCause } from '../../refunds/rules/states.js';
import { doubtDelayMs } from './schedules.js';
import {
  attemptOf,
  closedOf,
  endingOf,
  giveBack,
  holdsDisputedMoney,
  isPayable,
  paidOf,
  reviewReasonOf,
  withAttempt,
  withEnding,
  type OrderState,
} from './state.js';
import { isFinal, isWaiting, type FoundBy, type ReviewReason } from './states.js';

/** Folds WeChat Pay's answer to PaySaga's own query: the only thing that makes an order paid, and that proves it closed. */
export function tradeAnswered(order: OrderState, event: TradeAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(order, event.outTradeNo);
  if (attempt === undefined) return order;
  const heard = withAttempt(heardFrom(order, attempt), attempt.outTradeNo, { ask: null });
  const { answer } = event;
  if (isForeign(attempt) || isOfOthers(order, attempt, answer)) return foreignSeen(heard, attempt, answer);
  const isReversed = isBeingReversed(attempt);
  switch (answer.kind) {
    case 'paid':
      return isReversed ? reversalAnswered(heard, event, nowMs) : moneySeen(heard, attempt, event, answer, nowMs);
    case 'refunded':
      return isReversed ? closed(heard, attempt) : moneySeen(heard, attempt, event, answer, nowMs);
    case 'closed':
      return stillDoubted(closed(heard, attempt), attempt, nowMs);
    case 'notPaid':
      return stillDoubted(closingAnswered(notPaidYet(heard, attempt, answer), event, nowMs), attempt, nowMs);
    case 'notExist':
    case 'unrecognised':
      return stillDoubted(closingAnswered(heard, event, nowMs), attempt, nowMs);
    default:
      return answer satisfies never;
  }
}

/** A charge that nobody can complete any more ends with its order: what is left of it is reversed. */
function notPaidYet(
  order: OrderState,
  attempt: Attempt,
  { isOver }: Extract<TradeAnswer, { kind: 'notPaid' }>,
): OrderState {
  const seen = chargeSeen(order, attempt);
  return isOver === true && isCharge(attempt) && isPayable(seen) ? withEnding(seen, 'expired') : seen;
}

/** A query that is answered does not prove that a prepay goes through now which is refused for the merchant's rights. */
function heardFrom(order: OrderState, { prepay }: Attempt): OrderState {
  const { trouble } = order.gateway;
  const isStill = prepay.isDue && trouble === 'merchant_config';
  return isStill ? { ...order, gateway: { trouble, unansweredSinceMs: null } } : answeredAtLast(order);
}

type MoneyAnswer = Extract<TradeAnswer, { kind: 'paid' | 'refunded' }>;

/** WeChat Pay contradicts the sum that it confirmed before for the same transaction. */
export function contradictsSum(order: OrderState, { outTradeNo, answer }: TradeAnswered): boolean {
  const attempt = attemptOf(order, outTradeNo);
  const known = attempt === undefined ? null : paymentOf(attempt);
  return known !== null && 'trade' in answer && answer.trade.totalFen !== known.paidFen;
}

/**
 * A trade that exists although PaySaga handed out no code and every prepay of its own was definitively refused, or none was sent;
 * or one whose money none of them can have brought.
 */
function isOfOthers(order: OrderState, attempt: Attempt, answer: TradeAnswer): boolean {
  const { state } = attempt.phase;
  if (state === 'succeeded' || answer.kind === 'notExist' || answer.kind === 'unrecognised') return false;
  if (!isOurs(attempt)) return true;
  const isGuess = attempt.code === null && state !== 'closed';
  return isGuess && 'trade' in answer && !mayBeOurs(order, attempt, answer.trade);
}

/** Somebody else's trade is left alone. Unpaid, it costs the order a number; paid, only a person can tell whose money it is. */
function foreignSeen(order: OrderState, attempt: Attempt, { kind }: TradeAnswer): OrderState {
  const known = withAttempt(order, attempt.outTradeNo, {
    ...{ phase: { state: 'failed', foreign: true }, doubt: null, dispute: null, closing: null },
    ...withoutPrepay(attempt),
  });
  const isPaid = kind === 'paid' || kind === 'refunded';
  return isPaid && !isForeign(attempt) && isAwaited(order) ? objection(known, 'number_in_use') : known;
}

function moneySeen(
  order: OrderState,
  attempt: Attempt,
  { overridesSum = false }: TradeAnswered,
  answer: MoneyAnswer,
  nowMs: number,
): OrderState {
  const { kind, trade } = answer;
  const { outTradeNo } = attempt;
  const known = paymentOf(attempt);
  if (known !== null && known.transactionId !== trade.transactionId) {
    return withAttempt({ ...order, surplus: true }, outTradeNo, { doubt: null });
  }
  const isContradicted = attempt.doubt !== null && attempt.doubt.transactionId !== trade.transactionId;
  const found = differences(order, attempt, trade);
  const dispute = joinedDispute(attempt.dispute, isContradicted || found.length > 0 ? found : null);
  const paid = paidOf(order);
  const isItsMoney = paid?.outTradeNo === outTradeNo;
  // What is paid stays paid; that somebody else gave money of it back is for a person to find out.
  const marked: OrderState = isItsMoney
    ? { ...order, phase: { ...paid, refundedElsewhere: kind === 'refunded' } }
    : order;
  const recorded = withAttempt(marked, outTradeNo, {
    ...{ phase: { state: 'succeeded', ...paymentIn(answer, attempt, { isItsMoney, overridesSum }, nowMs) }, dispute },
    ...{ doubt: null, closing: null },
    ...withoutPrepay(attempt),
  });
  if (known !== null && attempt.ask?.why === 'settle')
    return kind === 'paid' ? stillThere(recorded, attempt) : recorded;
  if (known !== null && kind === 'paid')
    return dispute !== null && attempt.dispute === null ? objection(recorded, 'amount_mismatch') : recorded;
  if (kind === 'refunded') return isItsMoney ? recorded : objection(recorded, 'refunded_elsewhere');
  return isAwaited(order) ? expected(recorded, attempt) : unexpected(recorded, attempt);
}

/** What is known now of an attempt's money. Its sum stays what it was, and of money that made the order paid its time too. */
function paymentIn(
  answer: MoneyAnswer,
  attempt: Attempt,
  { isItsMoney, overridesSum }: { readonly isItsMoney: boolean; readonly overridesSum: boolean },
  nowMs: number,
): Payment {
  const { kind, trade } = answer;
  const known = paymentOf(attempt);
  const confirmed = attempt.ask?.why === 'resolve' ? kind : null;
  const backFen = kind === 'paid' ? (answer.backFen ?? 0) : (known?.backFen ?? 0);
  if (known !== null && isItsMoney) return { ...known, backFen, confirmed };
  return {
    transactionId: trade.transactionId,
    paidFen: overridesSum ? trade.totalFen : (known?.paidFen ?? trade.totalFen),
    paidAtMs: trade.successAtMs ?? known?.paidAtMs ?? nowMs,
    backFen,
    back: known?.back ?? null,
    confirmed,
  };
}

const isAwaited = (order: OrderState): boolean =>
  isWaiting(order.phase.state) || reviewReasonOf(order) === 'evidence_conflict';

const expected = (order: OrderState, asked: Attempt): OrderState =>
  isDisputed(order, asked) ? objection(order, 'amount_mismatch') : paidBy(order, asked.outTradeNo, foundBy(asked));

const isDisputed = (order: OrderState, { outTradeNo }: Attempt): boolean =>
  attemptOf(order, outTradeNo)?.dispute !== null;

/** Of a lost run's money: what a person had decided of it still holds. */
const stillThere = (order: OrderState, asked: Attempt): OrderState =>
  endingOf(order) === 'returned' ? giveBack(order, asked.outTradeNo, 'operator') : unexpected(order, asked);

/** What becomes of money nobody expected. */
type Settlement = { readonly kind: 'return'; readonly cause: RefundCause } | { readonly kind: 'accept' | 'review' };

/**
 * On another attempt of a paid order it always goes back; after closing the order's policy decides, but only about money that
 * equals the order; whatever else comes, a person decides.
 */
export function settleUnexpected(order: OrderState, money: { readonly equals: boolean }): Settlement {
  if (order.phase.state === 'paid') return { kind: 'return', cause: 'second_payment' };
  if (order.phase.state !== 'closed' || !money.equals) return { kind: 'review' };
  const { latePayment } = order.policy;
  return latePayment === 'refund' ? { kind: 'return', cause: 'late_payment' } : { kind: latePayment };
}

function unexpected(order: OrderState, asked: Attempt): OrderState {
  const settlement = settleUnexpected(order, { equals: !isDisputed(order, asked) });
  switch (settlement.kind) {
    case 'return':
      return giveBack(order, asked.outTradeNo, settlement.cause);
    case 'accept':
      return paidBy(order, asked.outTradeNo, foundBy(asked));
    case 'review':
      return objection(order, isDisputed(order, asked) ? 'amount_mismatch' : 'late_payment');
    default:
      return settlement satisfies never;
  }
}

/** Why WeChat Pay was asked about this attempt, from what was open when it answered. */
function foundBy({ doubt, ask, closing }: Attempt): FoundBy {
  if (doubt !== null) return 'notify';
  if (ask?.why === 'sync' || ask?.why === 'charge') return ask.why;
  if (ask?.why === 'recheck' || ask?.why === 'resolve') return 'operator';
  return closing === null ? 'poll' : 'close';
}

/** Confirmed money that only a person may decide on. A paid order stays paid; a review keeps its first reason, but for a guess. */
function objection(order: OrderState, reason: ReviewReason): OrderState {
  if (order.phase.state === 'paid') return { ...order, surplus: true };
  const first = holdsDisputedMoney(order) ? reviewReasonOf(order) : null;
  const was = closedOf(order);
  return { ...order, phase: { state: 'review', reason: first ?? reason, ending: null, was }, surplus: false };
}

function closed(order: OrderState, attempt: Attempt): OrderState {
  if (attempt.phase.state === 'succeeded') return order;
  return withAttempt(order, attempt.outTradeNo, {
    ...{ phase: { state: 'closed' }, closing: null },
    ...withoutPrepay(attempt),
  });
}

/** The query did not confirm what evidence says: ask again, and at last ask a person. A final order keeps its state. */
function stillDoubted(order: OrderState, before: Attempt, nowMs: number): OrderState {
  if (before.doubt === null) return order;
  const tries = before.doubt.tries + 1;
  const delayMs = doubtDelayMs(tries);
  const nextAtMs = delayMs === undefined ? null : nowMs + delayMs;
  const doubted = withAttempt(order, before.outTradeNo, { doubt: { ...before.doubt, tries, nextAtMs } });
  const { state } = doubted.phase;
  if (nextAtMs !== null || state === 'review' || isFinal(state)) return doubted;
  return { ...doubted, phase: { state: 'review', reason: 'evidence_conflict', ending: endingOf(order), was: null } };
}
