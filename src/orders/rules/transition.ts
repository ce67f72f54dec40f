import type { OutTradeNo } from '../../base/ids.js';
import {
  backOf,
  isBeingReversed,
  isCharge,
  isDoubted,
  isForeign,
  isRefusedForGood,
  isUnsettled,
  newAttempt,
  paymentOf,
  type Attempt,
} from './attempt.js';
import { orderOf, withEvidence } from './beginning.js';
import { chargeAnswered, reverseDecided } from './charge.js';
import { answeredAtLast, beginClosings, closeAnswered, closeRequested, overlong } from './closing.js';
import type { AttemptRequested, OrderEvent, Projected, Returned, Told } from './events.js';
import { disputeOf, joinedDispute, type Evidence } from './evidence.js';
import { fulfilmentDue, fulfilmentReported } from './fulfilment.js';
import { prepayAbandoned, prepayAnswered, prepayStarted } from './prepay.js';
import { decided, resolveRequested } from './resolve.js';
import { merged } from './reread.js';
import { ASK_AGAIN_MS } from './schedules.js';
import {
  attemptOf,
  endingOf,
  isKnown,
  isPayable,
  reviewReasonOf,
  wantsNextNumber,
  withAttempt,
  withEnding,
  withPayment,
  type OrderState,
  type Shop,
} from './state.js';
import { isWaiting, type ClosedReason, type Ending, type StuckReason } from './states.js';
import type { LoadedOrder } from './stored.js';
import { tradeAnswered } from './trade-answer.js';
import { stuckReasonOf } from './trouble.js';

/** Folds one fact into what an order knows. Pure and total: a fact that is doubled, late or out of order changes nothing. */
export function transition(order: OrderState, event: OrderEvent, nowMs: number): OrderState {
  const folded = fold(order, event, nowMs);
  if (folded === order) return order;
  const shown = event.type === 'loaded' ? event.loaded.order.stuckReason : stuckReasonOf(order);
  return settled(folded, shown, nowMs);
}

/** What follows at once from what is known now. `shown`: what the order was stuck on before, as people saw it. */
function settled(folded: OrderState, shown: StuckReason | null, nowMs: number): OrderState {
  const order = finish(beginClosings(decided(folded), shown, nowMs), nowMs);
  const reason = stuckReasonOf(order);
  if (reason === null) return order.stuckSinceMs === null ? order : { ...order, stuckSinceMs: null };
  return reason === shown ? order : { ...order, stuckSinceMs: nowMs };
}

function fold(order: OrderState, event: OrderEvent, nowMs: number): OrderState {
  switch (event.type) {
    case 'loaded':
      return loaded(order, event.loaded, nowMs);
    case 'projected':
      return projected(order, event);
    case 'overtaken':
      return { ...order, unwritten: false, loading: 'all' };
    case 'unwritten':
      return { ...order, unwritten: true };
    case 'outdated':
      return { ...order, loading: order.loading === 'none' ? 'facts' : order.loading };
    case 'prepayStarted':
      return prepayStarted(order, event.outTradeNo, nowMs);
    case 'prepayAnswered':
      return prepayAnswered(order, event, nowMs);
    case 'prepayAbandoned':
      return prepayAbandoned(order, event.outTradeNo);
    case 'chargeAnswered':
      return chargeAnswered(order, event, nowMs);
    case 'reverseDecided':
      return reverseDecided(order, event.outTradeNo);
    case 'nextReserved':
      return nextReserved(unmarked(order), event.outTradeNo, nowMs);
    case 'evidence':
      return evidenced(order, event.evidence, nowMs);
    case 'tradeAnswered':
      return tradeAnswered(order, event, nowMs);
    case 'closeAnswered':
      return closeAnswered(order, event, nowMs);
    case 'closeRequested':
      return closeRequested(order, nowMs);
    case 'deadlineReached':
      return isPayable(order) ? withEnding(order, 'expired') : order;
    case 'deadlineMoved':
      return isPayable(order) ? { ...order, deadlineMs: event.untilMs } : order;
    case 'attemptRequested':
      return isPayable(order) ? attemptRequested(order, event) : order;
    case 'fulfilmentReported':
      return fulfilmentReported(order, event.outcome);
    case 'fulfilmentDue':
      return fulfilmentDue(order);
    case 'told':
      return told(order, event);
    case 'shopHeard':
      return shopHeard(order, event.shop);
    case 'returned':
      return returned(unmarked(order), event);
    case 'resolveRequested':
      return resolveRequested(order, event.action, event.refusesOwn);
    case 'asked':
      return asked(order, event.why, nowMs);
    case 'troubled':
      return { ...order, gateway: { ...order.gateway, trouble: event.reason } };
    case 'unanswered':
      return { ...order, gateway: { ...order.gateway, unansweredSinceMs: order.gateway.unansweredSinceMs ?? nowMs } };
    case 'overlong':
      return overlong(order, nowMs);
    case 'recovered':
      return answeredAtLast(order);
    default:
      return event satisfies never;
  }
}

/**
 * What Postgres knows, with the evidence no query has confirmed, and with what nobody could be told in time. Evidence that waited
 * for it is folded now; about a number nobody reserved only a person can decide.
 */
function loaded(order: OrderState, { order: stored, outbox, evidence, asked: requests }: LoadedOrder, nowMs: number) {
  const known = withEvidence(orderOf(stored, outbox), evidence);
  const heard = requests.reduce((folded, it) => settled(fold(folded, it, nowMs), stored.stuckReason, nowMs), known);
  return order.orphans.reduce(
    (folded: OrderState, orphan) =>
      attemptOf(folded, orphan.outTradeNo) === undefined
        ? { ...folded, surplus: true }
        : evidenced(folded, orphan, nowMs),
    merged(order, heard),
  );
}

function projected(order: OrderState, { projection, events }: Projected): OrderState {
  const outbox = events.filter(({ id }) => !order.telling.handed.includes(id));
  return { ...order, telling: { ...order.telling, outbox }, unwritten: false, confirmed: projection };
}

/** What Postgres refused went through. Its row was marked without a projection: it has to say again what is true. */
const unmarked = (order: OrderState): OrderState =>
  order.unwritten
    ? { ...order, unwritten: false, confirmed: { ...order.confirmed, stuckReason: 'not_written' } }
    : order;

function told(order: OrderState, { event, outcome }: Told): OrderState {
  const { shop, outbox, handed } = order.telling;
  const heard: OrderState = {
    ...order,
    telling: { shop, outbox: outbox.filter(({ id }) => id !== event.id), handed: [...handed, event.id] },
  };
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
const shopHeard = (order: OrderState, shop: Shop): OrderState =>
  order.telling.shop.kind === 'told' ? order : { ...order, telling: { ...order.telling, shop } };

function returned(order: OrderState, { outTradeNo, outcome }: Returned): OrderState {
  const attempt = attemptOf(order, outTradeNo);
  const back = attempt === undefined ? null : backOf(attempt);
  if (back?.state !== 'wanted') return order;
  const isRefused = outcome === 'refused';
  const begun = withPayment(order, outTradeNo, { back: { ...back, state: isRefused ? 'refused' : 'started' } });
  // An order in review is not over while its money cannot go back.
  return isRefused && order.phase.state === 'review' ? withEnding(begun, null) : begun;
}

/** The order goes on with its next number, or ends where none is left. */
function nextReserved(order: OrderState, outTradeNo: OutTradeNo | null, nowMs: number): OrderState {
  const last = order.attempts.at(-1);
  if (last === undefined || !wantsNextNumber(order, nowMs)) return order;
  if (outTradeNo === null) return { ...order, phase: { state: 'closed', reason: 'rejected', atMs: nowMs } };
  if (attemptOf(order, outTradeNo) !== undefined) return order;
  return { ...order, attempts: [...order.attempts, newAttempt(outTradeNo, last.product, last.appid)] };
}

/** An authenticated source speaks of money: the reason to query. If it disagrees with the order, no later agreement undoes that. */
function evidenced(order: OrderState, evidence: Evidence, nowMs: number): OrderState {
  const { outTradeNo, transactionId } = evidence;
  const attempt = attemptOf(order, outTradeNo);
  if (attempt === undefined) {
    const loading = order.loading === 'none' ? 'facts' : order.loading;
    return { ...order, orphans: [...order.orphans, evidence], loading };
  }
  if (isForeign(attempt) || isBeingReversed(attempt)) return order;
  if (paymentOf(attempt)?.transactionId === transactionId) return order;
  const dispute = joinedDispute(attempt.dispute, disputeOf(order, attempt, evidence));
  // What is said again while it is being looked into is one question.
  if (isDoubted(attempt) && (dispute === null) === (attempt.dispute === null)) return order;
  const doubt = isDoubted(attempt) ? attempt.doubt : { transactionId, tries: 0, nextAtMs: nowMs };
  return withAttempt(order, outTradeNo, { dispute, doubt });
}

function attemptRequested(order: OrderState, { outTradeNo, product, appid, reenter }: AttemptRequested): OrderState {
  const attempt = attemptOf(order, outTradeNo);
  if (attempt === undefined) return { ...order, attempts: [...order.attempts, newAttempt(outTradeNo, product, appid)] };
  const { phase, closing, prepay } = attempt;
  const isAgain = reenter ? phase.state === 'open' : phase.state === 'preparing' && closing === null;
  return isAgain ? withAttempt(order, outTradeNo, { prepay: { ...prepay, isDue: true } }) : order;
}

/**
 * A sync asks about what the payer can just have paid, a recheck about everything ever sent. What was asked a moment ago stays one
 * question; asked again later, it is a reason to call anew instead of waiting for the next try.
 */
function asked(order: OrderState, why: 'sync' | 'recheck', nowMs: number): OrderState {
  if (order.loading === 'all') return order;
  if (order.loading === 'facts') return { ...order, loading: 'all' };
  const isNew = (attempt: Attempt): boolean => {
    const { ask, code, prepay } = attempt;
    const isConcerned = why === 'recheck' || isUnsettled(attempt) || (order.phase.state === 'closed' && code !== null);
    const isMore = ask === null || (ask.why === 'sync' && why === 'recheck');
    const isAsked = !isMore && nowMs - ask.atMs < ASK_AGAIN_MS;
    return isConcerned && prepay.sent !== null && !isAsked;
  };
  if (!order.attempts.some(isNew)) return order;
  const again = (it: Attempt): Attempt => {
    const kept = it.ask === null || it.ask.why === 'sync' ? why : it.ask.why;
    return { ...it, ask: { why: kept, atMs: nowMs } };
  };
  return { ...order, attempts: order.attempts.map((it) => (isNew(it) ? again(it) : it)) };
}

/** The order follows its attempts: once all are settled without money, it is closed, or goes on with a further attempt. */
function finish(order: OrderState, nowMs: number): OrderState {
  const { phase, attempts } = order;
  const ending = endingOf(order);
  const isResolved = phase.state === 'review' && ending !== null;
  // Of an order that is still to be read nothing can be concluded.
  if (!isKnown(order) || !(isWaiting(phase.state) || isResolved)) return order;
  if (attempts.some((attempt) => backOf(attempt)?.state === 'wanted')) return order;
  if (attempts.some((it) => isUnsettled(it) || it.doubt !== null || it.ask?.why === 'settle')) return order;
  if (ending !== null) {
    // Money that was never PaySaga's to take was refused, whoever says so; the order's own was returned.
    const isRefused = reviewReasonOf(order) === 'number_in_use' && ending !== 'returned';
    const reason = isRefused ? 'rejected' : endedAs(order, ending);
    return { ...order, phase: { state: 'closed', reason, atMs: nowMs } };
  }
  if (wantsNextNumber(order, nowMs)) return order;
  const last = attempts.at(-1);
  // Another code of the payer's may be charged.
  const isRetryable = last !== undefined && isCharge(last);
  const isNeverPayable = attempts.every((attempt) => attempt === last || attempt.code === null);
  if (last !== undefined && isRefusedForGood(last) && isNeverPayable && !isRetryable) {
    return { ...order, phase: { state: 'closed', reason: 'rejected', atMs: nowMs } };
  }
  return phase.state === 'awaitingPayment' ? order : { ...order, phase: { state: 'awaitingPayment', ending } };
}

/** Whoever asked for the end: a charge that was given up was reversed. */
function endedAs({ attempts }: OrderState, ending: Ending): ClosedReason {
  return ending !== 'returned' && attempts.at(-1)?.isReversing === true ? 'reversed' : ending;
}
