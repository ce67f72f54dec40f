import type { RefundFact } from '../../orders/rules/gateway-answer.js';
import type { OrderNo } from '../../base/ids.js';
import { ASK_AGAIN_MS, NOT_EXIST_GAP_MS } from '../../orders/rules/schedules.js';
import { ANSWERING } from '../../orders/rules/state.js';
import type { NumberAnswer, RefundApplied, RefundEvent } from './events.js';
import { isSomebodyElses } from './guard.js';
import { refundOf, type RefundAsk, type RefundPhase, type RefundState, type StoredRefund } from './state.js';
import { isOwn, isRefundFinal, isReleased, REFUND_TRANSITIONS, type RefundResolveOutcome } from './states.js';

/** Folds one fact into what a refund knows. Pure and total: a fact that is doubled, late or out of order changes nothing. */
export function refundTransition(refund: RefundState, event: RefundEvent, nowMs: number): RefundState {
  switch (event.type) {
    case 'projected': {
      const { handed } = refund.telling;
      const outbox = event.events.filter(({ id }) => !handed.includes(id));
      return { ...refund, telling: { outbox, handed }, unwritten: false, confirmed: event.projection };
    }
    case 'overtaken':
      return overtaken(refund, event.stored);
    case 'unwritten':
      return { ...refund, unwritten: true };
    case 'refundApplied':
      return applied(refund, event, nowMs);
    case 'refundQueried':
      return queried({ ...answeredAtLast(refund), ask: null }, refund.ask, event.answer, nowMs);
    case 'evidence':
      return isRefundFinal(refund.phase.state) ? refund : askedFor(refund, 'notify', nowMs);
    case 'asked': {
      // A new object makes the loop write again, also of a refund that WeChat Pay need not be asked about.
      const seen = refund.unwritten ? { ...refund } : refund;
      return isRefundFinal(refund.phase.state) ? seen : askedFor(seen, 'person', nowMs);
    }
    case 'entered':
      return entered(refund, event.orderNo);
    case 'booked':
      return booked({ ...answeredAtLast(refund), entered: false }, event.stored, nowMs);
    case 'unanswered':
      return {
        ...refund,
        gateway: { ...refund.gateway, unansweredSinceMs: refund.gateway.unansweredSinceMs ?? nowMs },
      };
    case 'troubled':
      return { ...refund, gateway: { ...refund.gateway, trouble: event.reason } };
    case 'recovered':
      return answeredAtLast(refund);
    case 'resolveRequested':
      return resolveRequested(refund, event);
    case 'abnormalRefundAnswered':
      return abnormalRefundAnswered(answeredAtLast(refund), event.answer, nowMs);
    case 'reissued':
      return decidedAs({ ...refund, unwritten: false }, event.outcome);
    case 'told': {
      const { outbox, handed } = refund.telling;
      const { id } = event.event;
      return { ...refund, telling: { outbox: outbox.filter((it) => it.id !== id), handed: [...handed, id] } };
    }
    default:
      return event satisfies never;
  }
}

const answeredAtLast = (refund: RefundState): RefundState => ({ ...refund, gateway: ANSWERING });

const decidedAs = (refund: RefundState, outcome: RefundResolveOutcome): RefundState => ({
  ...refund,
  decision: { kind: 'made', outcome },
});

/** Postgres knows better: its row counts, and WeChat Pay is asked. A person's pending decision stays pending. */
function overtaken({ telling, ask }: RefundState, stored: StoredRefund): RefundState {
  const { handed } = telling;
  const outbox = stored.outbox.filter(({ id }) => !handed.includes(id));
  const again: RefundAsk = ask?.why === 'resolve' ? ask : { why: 'evidence', by: null, atMs: 0 };
  return { ...refundOf(stored), telling: { outbox, handed }, ask: { ...again, by: null, atMs: 0 } };
}

/** Nothing to do for one that is booked so, or was paid back: its row stays. */
function entered(refund: RefundState, orderNo: OrderNo): RefundState {
  const { state } = refund.phase;
  const isDone = refund.cause === 'external' || (isRefundFinal(state) && state !== 'rejected');
  return isDone || orderNo !== refund.orderNo ? refund : { ...refund, entered: true };
}

function booked(refund: RefundState, stored: StoredRefund | null, nowMs: number): RefundState {
  if (stored !== null) return overtaken(refund, stored);
  return isRefundFinal(refund.phase.state) ? refund : askedFor(refund, 'person', nowMs);
}

/** A reason to ask now; the same reason given again a moment later, before WeChat Pay answered, counts once. */
function askedFor(refund: RefundState, by: 'notify' | 'person', nowMs: number): RefundState {
  const { ask } = refund;
  const isSaid = ask?.by === by || ask?.by === 'person';
  if (ask !== null && isSaid && nowMs - ask.atMs < ASK_AGAIN_MS) return refund;
  const asked = { ...(ask ?? ({ why: 'evidence' } as const)), atMs: nowMs, by: isSaid ? ask.by : by };
  return { ...refund, ask: asked };
}

function applied(refund: RefundState, { answer, earlierUnknown }: RefundApplied, nowMs: number): RefundState {
  const heard: RefundState = { ...answeredAtLast(refund), applyUnknown: refund.applyUnknown || earlierUnknown };
  switch (answer.kind) {
    case 'accepted':
      return known(heard, answer.refund, nowMs);
    case 'refused':
    case 'conflict': {
      if (refund.phase.state !== 'requested') return heard;
      const ask = { why: 'refusal', by: refund.ask?.by ?? null, atMs: nowMs, missingSinceMs: null } as const;
      return { ...heard, refusalCode: answer.code, ask };
    }
    default:
      return answer satisfies never;
  }
}

/** What WeChat Pay knows of the refund. Its state moves only forward; a late "processing" changes nothing. */
function known(refund: RefundState, fact: RefundFact, nowMs: number): RefundState {
  if (isSomebodyElses(refund, fact)) return { ...refund, mismatched: true };
  const isMove = REFUND_TRANSITIONS[refund.phase.state].includes(fact.status);
  const phase = isMove ? phaseAfter(refund.phase, fact, nowMs) : refund.phase;
  return { ...refund, refundId: fact.refundId, phase };
}

function phaseAfter(before: RefundPhase, { status, successAtMs }: RefundFact, nowMs: number): RefundPhase {
  switch (status) {
    case 'processing':
    case 'abnormal':
      return { state: status, acceptedAtMs: 'acceptedAtMs' in before ? before.acceptedAtMs : nowMs };
    case 'succeeded':
      return { state: status, atMs: successAtMs ?? nowMs, offline: false };
    case 'closed':
      return { state: status };
    default:
      return status satisfies never;
  }
}

/**
 * Under this number WeChat Pay moves another payment's money, and none of this one's. What it is said to have taken before is for a
 * person to compare first.
 */
function ofOtherPayment(refund: RefundState, isCompared: boolean): RefundState {
  const { state } = refund.phase;
  if (isRefundFinal(state)) return refund;
  if (state === 'requested') return { ...refund, phase: { state: 'rejected' } };
  return isCompared ? { ...refund, phase: { state: 'closed' } } : { ...refund, mismatched: true };
}

function heardOf(refund: RefundState, ask: RefundAsk | null, answer: NumberAnswer, nowMs: number): RefundState {
  if (answer.kind === 'otherPayment') return ofOtherPayment(refund, ask?.by === 'person');
  return answer.kind === 'found' ? known(refund, answer.refund, nowMs) : refund;
}

function queried(refund: RefundState, ask: RefundAsk | null, answer: NumberAnswer, nowMs: number): RefundState {
  const heard = heardOf(refund, ask, answer, nowMs);
  if (ask?.why === 'resolve') {
    const isChanged = heard.phase !== refund.phase;
    return isChanged ? decidedAs(heard, 'unconfirmed') : resolved(heard, ask, answer, nowMs);
  }
  // A refund that WeChat Pay once knew cannot have never happened.
  if (ask?.why !== 'refusal' || answer.kind === 'found' || heard.phase.state !== 'requested') return heard;
  if (answer.kind === 'unrecognised') return { ...heard, ask: { ...ask, by: null, atMs: nowMs + NOT_EXIST_GAP_MS } };
  return neverHappened(heard, ask.missingSinceMs ?? nowMs, nowMs);
}

/** Refused, and WeChat Pay does not know it. After an apply of unknown outcome, which may still arrive, it is asked twice. */
function neverHappened(refund: RefundState, sinceMs: number, nowMs: number): RefundState {
  if (!refund.applyUnknown || nowMs - sinceMs >= NOT_EXIST_GAP_MS) return { ...refund, phase: { state: 'rejected' } };
  return { ...refund, ask: { why: 'refusal', by: null, atMs: sinceMs + NOT_EXIST_GAP_MS, missingSinceMs: sinceMs } };
}

function resolveRequested(
  refund: RefundState,
  { action, requestId }: Extract<RefundEvent, { type: 'resolveRequested' }>,
): RefundState {
  // The earlier decision is still to be carried out: a second request gets its outcome.
  if (refund.decision?.kind === 'due') return refund;
  if (action === 'reissue' && !isOwn(refund.cause)) return decidedAs(refund, 'not_allowed');
  const { state } = refund.phase;
  const isOwnOver = isOwn(refund.cause) && isReleased(state);
  const applies = {
    abnormalRefund: state === 'abnormal',
    paidOffline: state === 'abnormal' || isOwnOver,
    reissue: isOwnOver,
  };
  if (!applies[action]) return decidedAs(refund, 'not_applicable');
  return { ...refund, decision: null, ask: { why: 'resolve', action, requestId, by: refund.ask?.by ?? null, atMs: 0 } };
}

/** A person's decision holds only if WeChat Pay says at that moment what it was based on. */
function resolved(
  refund: RefundState,
  { action, requestId }: Extract<RefundAsk, { why: 'resolve' }>,
  answer: NumberAnswer,
  nowMs: number,
): RefundState {
  const status = answer.kind === 'found' ? answer.refund.status : answer.kind;
  // A late answer may still say abnormal of a refund that has ended since it was asked about.
  const isAbnormal = status === 'abnormal' && refund.phase.state === 'abnormal';
  const isNothing = status === 'closed' || status === 'notExist' || status === 'otherPayment';
  const isOver = isReleased(refund.phase.state) && isNothing;
  const holds = { abnormalRefund: isAbnormal, paidOffline: isAbnormal || isOver, reissue: isOver };
  if (!holds[action]) return decidedAs(refund, 'unconfirmed');
  switch (action) {
    case 'reissue':
    case 'abnormalRefund':
      return { ...refund, decision: { kind: 'due', task: action, requestId } };
    case 'paidOffline':
      if (isOver) return { ...refund, decision: { kind: 'due', task: action } };
      return decidedAs({ ...refund, phase: { state: 'succeeded', atMs: nowMs, offline: true } }, 'resolved');
    default:
      return action satisfies never;
  }
}

function abnormalRefundAnswered(
  refund: RefundState,
  answer: Extract<RefundEvent, { type: 'abnormalRefundAnswered' }>['answer'],
  nowMs: number,
): RefundState {
  if (answer.kind !== 'accepted') return decidedAs({ ...refund, refusalCode: answer.code }, 'refused');
  return decidedAs(known(refund, answer.refund, nowMs), 'resolved');
}
