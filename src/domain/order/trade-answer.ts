import type { TradeAnswer } from '../gateway-answer.js';
import { answeredAtLast, closingAnswered } from './closing.js';
import type { TradeAnswered } from './events.js';
import { paidBy } from './fulfilment.js';
import { differences, mayBeOurs, withDifferences } from './judge.js';
import { doubtDelayMs } from './schedules.js';
import { giveBack, settleUnexpected } from './settle.js';
import { attemptOf, isOurs, withAttempt, type Attempt, type OrderState } from './state.js';
import { isFinal, isWaiting, type FoundBy, type ReviewReason } from './states.js';

/** Folds WeChat Pay's answer to PaySaga's own query: the only thing that makes an order paid, and that proves it closed. */
export function tradeAnswered(state: OrderState, event: TradeAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(state, event.outTradeNo);
  if (attempt === undefined) return state;
  const heard = withAttempt(heardFrom(state, attempt), attempt.outTradeNo, { ask: null });
  if (attempt.foreign || isForeign(state, attempt, event.answer)) return foreignSeen(heard, attempt, event.answer);
  switch (event.answer.kind) {
    case 'paid':
    case 'refunded':
      return moneySeen(heard, attempt, event.answer, nowMs);
    case 'closed':
      return stillDoubted(closed(heard, attempt), attempt, nowMs);
    case 'notPaid':
    case 'notExist':
    case 'unrecognised':
      return stillDoubted(closingAnswered(heard, attempt.outTradeNo, event, nowMs), attempt, nowMs);
    default:
      return event.answer satisfies never;
  }
}

/** A query that is answered does not prove that a prepay goes through now which is refused for the merchant's rights. */
const heardFrom = (state: OrderState, { wantsCode }: Attempt): OrderState =>
  wantsCode && state.trouble === 'merchant_config' ? { ...state, unansweredSinceMs: null } : answeredAtLast(state);

type MoneyAnswer = Extract<TradeAnswer, { kind: 'paid' | 'refunded' }>;

/**
 * A trade that exists although PaySaga handed out no code and every prepay of its own was definitively refused, or none was sent;
 * or one whose money none of them can have brought.
 */
function isForeign(state: OrderState, attempt: Attempt, answer: TradeAnswer): boolean {
  if (attempt.state === 'succeeded' || answer.kind === 'notExist' || answer.kind === 'unrecognised') return false;
  if (!isOurs(attempt)) return true;
  const isGuess = !attempt.codeGiven && attempt.state !== 'closed';
  return isGuess && 'trade' in answer && !mayBeOurs(state, attempt, answer.trade);
}

/** Somebody else's trade is left alone. Unpaid, it costs the order a number; paid, only a person can tell whose money it is. */
function foreignSeen(state: OrderState, attempt: Attempt, { kind }: TradeAnswer): OrderState {
  const patch = {
    state: 'failed',
    foreign: true,
    wantsCode: false,
    doubt: null,
    disputed: false,
    differs: [],
    closing: null,
  } as const;
  const known = withAttempt(state, attempt.outTradeNo, patch);
  const isPaid = kind === 'paid' || kind === 'refunded';
  return isPaid && !attempt.foreign && isAwaited(state) ? objection(known, 'number_in_use') : known;
}

function moneySeen(state: OrderState, attempt: Attempt, answer: MoneyAnswer, nowMs: number): OrderState {
  const { kind, trade } = answer;
  const contradicted = attempt.doubt !== null && attempt.doubt.transactionId !== trade.transactionId;
  const found = differences(state, attempt, trade);
  const disputed = attempt.disputed || contradicted || found.length > 0;
  if (attempt.state === 'succeeded' && attempt.transactionId !== trade.transactionId) {
    return withAttempt({ ...state, surplus: true }, attempt.outTradeNo, { doubt: null });
  }
  const known = attempt.state === 'succeeded';
  // What is paid stays paid; that somebody else gave money of it back is for a person to find out.
  const isItsMoney = state.paidAttempt === attempt.outTradeNo;
  const told = isItsMoney ? { ...state, refundedElsewhere: kind === 'refunded' } : state;
  const recorded = withAttempt(told, attempt.outTradeNo, {
    state: 'succeeded',
    transactionId: trade.transactionId,
    paidFen: trade.totalFen,
    paidAtMs: trade.successAtMs ?? attempt.paidAtMs ?? nowMs,
    backFen: kind === 'paid' ? (answer.backFen ?? 0) : attempt.backFen,
    confirmed: attempt.ask === 'resolve' ? kind : null,
    wantsCode: false,
    disputed,
    differs: withDifferences(attempt.differs, found),
    doubt: null,
    closing: null,
  });
  if (known && attempt.ask === 'settle') return kind === 'paid' ? stillThere(recorded, attempt) : recorded;
  if (known && kind === 'paid')
    return disputed && !attempt.disputed ? objection(recorded, 'amount_mismatch') : recorded;
  if (kind === 'refunded') return isItsMoney ? recorded : objection(recorded, 'refunded_elsewhere');
  return isAwaited(state) ? expected(recorded, attempt) : unexpected(recorded, attempt);
}

const isAwaited = ({ state, reviewReason }: OrderState): boolean =>
  isWaiting(state) || (state === 'review' && reviewReason === 'evidence_conflict');

/** Only money that equals the order pays it. */
function expected(state: OrderState, asked: Attempt): OrderState {
  const attempt = attemptOf(state, asked.outTradeNo);
  return attempt === undefined || attempt.disputed
    ? objection(state, 'amount_mismatch')
    : paidBy(state, attempt, foundBy(asked));
}

/** Of a lost run's money: what a person had decided of it still holds. */
const stillThere = (state: OrderState, asked: Attempt): OrderState =>
  state.ending === 'returned' ? giveBack(state, asked.outTradeNo, 'operator') : unexpected(state, asked);

function unexpected(state: OrderState, asked: Attempt): OrderState {
  const attempt = attemptOf(state, asked.outTradeNo);
  if (attempt === undefined) return state;
  const settlement = settleUnexpected(state, { equals: !attempt.disputed });
  switch (settlement.kind) {
    case 'return':
      return giveBack(state, asked.outTradeNo, settlement.cause);
    case 'accept':
      return paidBy(state, attempt, foundBy(asked));
    case 'review':
      return objection(state, attempt.disputed ? 'amount_mismatch' : 'late_payment');
    default:
      return settlement satisfies never;
  }
}

/** Why WeChat Pay was asked about this attempt, from what was open when it answered. */
function foundBy({ doubt, ask, closing }: Attempt): FoundBy {
  if (doubt !== null) return 'notify';
  if (ask === 'sync') return 'sync';
  if (ask === 'recheck' || ask === 'resolve') return 'operator';
  return closing === null ? 'poll' : 'close';
}

/** Confirmed money that only a person may decide on. A paid order stays paid; a review keeps its first reason, but for a guess. */
function objection(state: OrderState, reason: ReviewReason): OrderState {
  if (state.state === 'paid') return { ...state, surplus: true };
  const stands = state.state === 'review' && state.reviewReason !== 'evidence_conflict';
  const reviewReason = stands ? state.reviewReason : reason;
  return { ...state, state: 'review', reviewReason, ending: null, surplus: false };
}

function closed(state: OrderState, attempt: Attempt): OrderState {
  if (attempt.state === 'succeeded') return state;
  return withAttempt(state, attempt.outTradeNo, { state: 'closed', wantsCode: false, closing: null });
}

/** The query did not confirm what evidence says: ask again, and at last ask a person. A final order keeps its state. */
function stillDoubted(state: OrderState, before: Attempt, nowMs: number): OrderState {
  if (before.doubt === null) return state;
  const tries = before.doubt.tries + 1;
  const delayMs = doubtDelayMs(tries);
  const nextAtMs = delayMs === undefined ? null : nowMs + delayMs;
  const doubted = withAttempt(state, before.outTradeNo, { doubt: { ...before.doubt, tries, nextAtMs } });
  if (nextAtMs !== null || doubted.state === 'review' || isFinal(doubted.state)) return doubted;
  return { ...doubted, state: 'review', reviewReason: 'evidence_conflict' };
}
