import { answeredAtLast, beginClosings, closeAnswered, closeRequested, NOT_BEGUN, overlong } from './closing.js';
import type { AttemptRequested, OrderEvent, PrepayAnswered, Projected, Returned, Told } from './events.js';
import type { Evidence } from './evidence.js';
import { fulfilmentDue, fulfilmentReported } from './fulfilment.js';
import { differences, withDifferences } from './judge.js';
import { merged, orderOf, withEvidence } from './loaded.js';
import type { LoadedOrder } from './stored.js';
import { ownStuckReason } from './stuck.js';
import { projectionOf, type OrderProjection } from './projection.js';
import { decided, resolveRequested } from './resolve.js';
import {
  attemptOf,
  isDoubted,
  isKnown,
  isPayable,
  isUnsettled,
  newAttempt,
  wantsNextNumber,
  withAttempt,
  type Attempt,
  type OrderState,
  type Shop,
} from './state.js';
import { ASK_AGAIN_MS } from './schedules.js';
import { isWaiting } from './states.js';
import type { OutTradeNo } from '../../base/ids.js';
import { tradeAnswered } from './trade-answer.js';

/**
 * Folds one fact into what an order knows. Pure and total: a fact that is doubled, late or out of order changes nothing.
 * `changed` of the result says that readers would see a difference, so that it must be written to Postgres next.
 */
export function transition(state: OrderState, event: OrderEvent, nowMs: number): OrderState {
  const folded = fold(state, event, nowMs);
  if (folded === state) return state;
  const settled = withStuckReason(finish(beginClosings(decided(folded), nowMs), nowMs), nowMs);
  if (event.type === 'projected') return settled;
  const before = event.type === 'loaded' ? readOrder(event.loaded, nowMs) : state;
  // The prepay activity wrote in its own transaction that the attempt is open; the end of trouble is still to be written.
  const written = event.type === 'prepayAnswered' && event.kind === 'opened';
  const differs = written
    ? before.stuckReason !== settled.stuckReason
    : differ(projectionOf(before), projectionOf(settled));
  // The row was marked without a projection: it has to say again what is true.
  const unmarked = state.unwritten && !settled.unwritten;
  return { ...settled, changed: settled.changed || differs || unmarked };
}

function fold(state: OrderState, event: OrderEvent, nowMs: number): OrderState {
  switch (event.type) {
    case 'loaded':
      return loaded(state, readOrder(event.loaded, nowMs), nowMs);
    case 'projected':
      return projected(state, event);
    case 'overtaken':
      return { ...state, changed: false, unwritten: false, loading: 'all' };
    case 'unwritten':
      return { ...state, unwritten: true };
    case 'outdated':
      return { ...state, loading: state.loading === 'none' ? 'facts' : state.loading };
    case 'prepayStarted':
      return prepayStarted(state, event.outTradeNo, nowMs);
    case 'prepayAnswered':
      return prepayAnswered(state, event, nowMs);
    case 'prepayAbandoned':
      return withAttempt(state, event.outTradeNo, { prepayUnknown: true, asking: false });
    case 'nextReserved':
      return nextReserved({ ...state, unwritten: false }, event.outTradeNo, nowMs);
    case 'evidence':
      return evidenced(state, event.evidence, nowMs);
    case 'tradeAnswered':
      return tradeAnswered(state, event, nowMs);
    case 'closeAnswered':
      return closeAnswered(state, event, nowMs);
    case 'closeRequested':
      return closeRequested(state, nowMs);
    case 'deadlineReached':
      return isPayable(state) ? { ...state, ending: 'expired' } : state;
    case 'deadlineMoved':
      return isPayable(state) ? { ...state, deadlineMs: event.untilMs } : state;
    case 'attemptRequested':
      return isPayable(state) ? attemptRequested(state, event) : state;
    case 'fulfilmentReported':
      return fulfilmentReported(state, event.outcome);
    case 'fulfilmentDue':
      return fulfilmentDue(state);
    case 'told':
      return told(state, event);
    case 'shopHeard':
      return shopHeard(state, event.shop);
    case 'returned':
      return returned({ ...state, unwritten: false }, event);
    case 'resolveRequested':
      return resolveRequested(state, event.action);
    case 'asked':
      return asked(state, event.why, nowMs);
    case 'troubled':
      return { ...state, trouble: event.reason };
    case 'unanswered':
      return { ...state, unansweredSinceMs: state.unansweredSinceMs ?? nowMs };
    case 'overlong':
      return overlong(state, nowMs);
    case 'recovered':
      return answeredAtLast(state);
    default:
      return event satisfies never;
  }
}

/** What Postgres knows, with the evidence no query has confirmed, and with what nobody could be told in time. */
function readOrder({ order, outbox, evidence, asked }: LoadedOrder, nowMs: number): OrderState {
  const known = withEvidence({ ...orderOf(order), outbox }, evidence);
  return asked.reduce((folded, event) => transition(folded, event, nowMs), known);
}

/** Evidence that waited for these facts is folded now; about a number nobody reserved only a person can decide. */
function loaded(state: OrderState, facts: OrderState, nowMs: number): OrderState {
  return state.orphans.reduce(
    (folded, evidence) => {
      const known = attemptOf(folded, evidence.outTradeNo) !== undefined;
      return known ? evidenced(folded, evidence, nowMs) : { ...folded, surplus: true };
    },
    merged(state, facts),
  );
}

function projected(state: OrderState, { projection, events }: Projected): OrderState {
  const outbox = events.filter(({ id }) => !state.handed.includes(id));
  return { ...state, outbox, unwritten: false, changed: differ(projection, projectionOf(state)) };
}

function told(state: OrderState, { event, outcome }: Told): OrderState {
  const outbox = state.outbox.filter(({ id }) => id !== event.id);
  const handed = [...state.handed, event.id];
  const heard: OrderState = { ...state, outbox, handed };
  if (event.type !== 'order.paid') return heard;
  switch (outcome.kind) {
    case 'delivered':
      return shopHeard(heard, { kind: 'told', atMs: outcome.atMs });
    case 'unaddressed':
      return shopHeard(heard, { kind: 'unaddressed' });
    case 'later':
    case 'over':
      return heard;
    default:
      return outcome satisfies never;
  }
}

/** The first time the shop was told counts. */
const shopHeard = (state: OrderState, shop: Shop): OrderState =>
  state.shop.kind === 'told' ? state : { ...state, shop };

function returned(state: OrderState, { outTradeNo, outcome }: Returned): OrderState {
  const back = attemptOf(state, outTradeNo)?.back ?? null;
  if (back?.state !== 'wanted') return state;
  const isRefused = outcome === 'refused';
  const settled = withAttempt(state, outTradeNo, { back: { ...back, state: isRefused ? 'refused' : 'started' } });
  // An order in review is not over while its money cannot go back.
  return isRefused && state.state === 'review' ? { ...settled, ending: null } : settled;
}

function prepayStarted(state: OrderState, outTradeNo: OutTradeNo, nowMs: number): OrderState {
  const firstPrepayAtMs = attemptOf(state, outTradeNo)?.firstPrepayAtMs ?? nowMs;
  return withAttempt(state, outTradeNo, { firstPrepayAtMs, asking: true });
}

function prepayAnswered(state: OrderState, event: PrepayAnswered, nowMs: number): OrderState {
  const attempt = attemptOf(state, event.outTradeNo);
  if (attempt === undefined) return state;
  const heard = answeredAtLast(state);
  const prepayUnknown = event.kind !== 'taken' && (attempt.prepayUnknown || event.earlierUnknown);
  // Without a code nobody can pay it through PaySaga: what WeChat Pay has under the number is found out, and ended if it is ours.
  if (event.kind !== 'opened') {
    const refused = event.kind === 'refused';
    const refusedWith = event.refusedWith ?? attempt.refusedWith;
    return withAttempt(heard, event.outTradeNo, {
      ...{ wantsCode: false, asking: false, refused, refusedWith, prepayUnknown, closing: NOT_BEGUN },
    });
  }
  const opened = withAttempt(heard, event.outTradeNo, {
    wantsCode: false,
    asking: false,
    codeGiven: true,
    state: attempt.state === 'preparing' ? 'open' : attempt.state,
    openedAtMs: attempt.openedAtMs ?? nowMs,
    codeExpiresAtMs: event.codeExpiresAtMs,
  });
  return opened.state === 'creating' ? { ...opened, state: 'awaitingPayment' } : opened;
}

/** The order goes on with its next number, or ends where none is left. */
function nextReserved(state: OrderState, outTradeNo: OutTradeNo | null, nowMs: number): OrderState {
  const last = state.attempts.at(-1);
  if (last === undefined || !wantsNextNumber(state, nowMs)) return state;
  if (outTradeNo === null) return { ...state, state: 'closed', closedReason: 'rejected', closedAtMs: nowMs };
  if (attemptOf(state, outTradeNo) !== undefined) return state;
  return { ...state, attempts: [...state.attempts, newAttempt(outTradeNo, last.product, last.appid)] };
}

/** An authenticated source speaks of money: the reason to query. If it disagrees with the order, no later agreement undoes that. */
function evidenced(state: OrderState, evidence: Evidence, nowMs: number): OrderState {
  const attempt = attemptOf(state, evidence.outTradeNo);
  if (attempt === undefined) {
    return {
      ...state,
      orphans: [...state.orphans, evidence],
      loading: state.loading === 'none' ? 'facts' : state.loading,
    };
  }
  if (attempt.foreign || (attempt.state === 'succeeded' && attempt.transactionId === evidence.transactionId))
    return state;
  const found = differences(state, attempt, evidence);
  const disputed = attempt.disputed || found.length > 0;
  // What is said again while it is being looked into is one question.
  if (isDoubted(attempt) && disputed === attempt.disputed) return state;
  const doubt = isDoubted(attempt)
    ? attempt.doubt
    : { transactionId: evidence.transactionId, tries: 0, nextAtMs: nowMs };
  return withAttempt(state, attempt.outTradeNo, { disputed, doubt, differs: withDifferences(attempt.differs, found) });
}

function attemptRequested(state: OrderState, event: AttemptRequested): OrderState {
  const attempt = attemptOf(state, event.outTradeNo);
  if (attempt === undefined) {
    return { ...state, attempts: [...state.attempts, newAttempt(event.outTradeNo, event.product, event.appid)] };
  }
  const again = event.reenter ? attempt.state === 'open' : attempt.state === 'preparing' && attempt.closing === null;
  return again ? withAttempt(state, event.outTradeNo, { wantsCode: true }) : state;
}

/**
 * A sync asks about what the payer can just have paid, a recheck about everything ever sent. What was asked a moment ago stays one
 * question; asked again later, it is a reason to call anew instead of waiting for the next try.
 */
function asked(state: OrderState, why: 'sync' | 'recheck', nowMs: number): OrderState {
  if (state.loading === 'all') return state;
  if (state.loading === 'facts') return { ...state, loading: 'all' };
  const isNew = (attempt: Attempt): boolean => {
    const concerned = why === 'recheck' || isUnsettled(attempt) || (state.state === 'closed' && attempt.codeGiven);
    const isMore = attempt.ask === null || (attempt.ask === 'sync' && why === 'recheck');
    const isAsked = !isMore && nowMs - attempt.askedAtMs < ASK_AGAIN_MS;
    return concerned && attempt.firstPrepayAtMs !== null && !isAsked;
  };
  if (!state.attempts.some(isNew)) return state;
  const again = (it: Attempt): Attempt => ({
    ...it,
    ask: it.ask === null || it.ask === 'sync' ? why : it.ask,
    askedAtMs: nowMs,
  });
  return { ...state, attempts: state.attempts.map((it) => (isNew(it) ? again(it) : it)) };
}

/** The order follows its attempts: once all are settled without money, it is closed, or goes on with a further attempt. */
function finish(state: OrderState, nowMs: number): OrderState {
  const waits = isWaiting(state.state);
  const isResolved = state.state === 'review' && state.ending !== null;
  // Of an order that is still to be read nothing can be concluded.
  if (!isKnown(state) || !(waits || isResolved) || state.attempts.some(({ back }) => back?.state === 'wanted'))
    return state;
  if (state.attempts.some((it) => isUnsettled(it) || it.doubt !== null || it.ask === 'settle')) return state;
  if (state.ending !== null) {
    return {
      ...state,
      state: 'closed',
      reviewReason: null,
      // What was never PaySaga's to take was refused, whoever says so.
      closedReason: state.reviewReason === 'number_in_use' ? 'rejected' : state.ending,
      closedAtMs: nowMs,
      ending: null,
    };
  }
  if (wantsNextNumber(state, nowMs)) return state;
  const last = state.attempts.at(-1);
  const neverPayable = state.attempts.every((attempt) => attempt === last || !attempt.codeGiven);
  if (last?.state === 'failed' && last.refused && !last.foreign && neverPayable) {
    return { ...state, state: 'closed', closedReason: 'rejected', closedAtMs: nowMs };
  }
  return { ...state, state: 'awaitingPayment' };
}

function withStuckReason(state: OrderState, nowMs: number): OrderState {
  const stuckReason = state.unwritten ? 'not_written' : ownStuckReason(state);
  if (stuckReason === state.stuckReason) return state;
  return { ...state, stuckReason, stuckSinceMs: stuckReason === null ? null : nowMs };
}

const differ = (before: OrderProjection, after: OrderProjection): boolean =>
  JSON.stringify(before) !== JSON.stringify(after);
