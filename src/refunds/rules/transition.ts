import type { RefundFact } from '../../orders/rules/gateway-answer.js';
import { ASK_AGAIN_MS, NOT_EXIST_GAP_MS } from '../../orders/rules/schedules.js';
import type { RefundApplied, RefundEvent } from './events.js';
import { refundProjectionOf, type RefundProjection } from './projection.js';
import { refundOf, type RefundState } from './state.js';
import { isOwn, isRefundFinal, isReleased, REFUND_TRANSITIONS, type RefundResolveAction } from './states.js';

/** Folds one fact into what a refund knows. Pure and total: a fact that is doubled, late or out of order changes nothing. */
export function refundTransition(state: RefundState, event: RefundEvent, nowMs: number): RefundState {
  const after = fold(state, event, nowMs);
  if (after === state) return state;
  if (event.type === 'projected') return after;
  const before = event.type === 'overtaken' ? refundOf(event.stored) : state;
  return { ...after, changed: after.changed || differ(refundProjectionOf(before), refundProjectionOf(after)) };
}

function fold(state: RefundState, event: RefundEvent, nowMs: number): RefundState {
  switch (event.type) {
    case 'projected': {
      const outbox = event.events.filter(({ id }) => !state.handed.includes(id));
      return { ...state, outbox, unwritten: false, changed: differ(event.projection, refundProjectionOf(state)) };
    }
    case 'overtaken':
      return { ...refundOf(event.stored), handed: state.handed, ask: state.ask ?? 'evidence', changed: false };
    case 'unwritten':
      return { ...state, unwritten: true };
    case 'refundApplied':
      return applied(state, event, nowMs);
    case 'refundQueried':
      return queried({ ...answeredAtLast(state), ask: null, reason: null }, state.ask, event.answer, nowMs);
    case 'evidence':
      return isRefundFinal(state.state) ? state : askedFor(state, 'notify', nowMs);
    case 'asked': {
      // Whoever asks again has it written at once, also what WeChat Pay need not be asked about any more.
      const seen = state.unwritten ? { ...state } : state;
      return isRefundFinal(state.state) ? seen : askedFor(seen, 'person', nowMs);
    }
    case 'unanswered':
      return { ...state, unansweredSinceMs: state.unansweredSinceMs ?? nowMs };
    case 'troubled':
      return { ...state, trouble: event.reason };
    case 'recovered':
      return answeredAtLast(state);
    case 'resolveRequested':
      return resolveRequested(state, event.action);
    case 'abnormalRefundAnswered':
      return abnormalRefundAnswered({ ...answeredAtLast(state), task: null }, event.answer, nowMs);
    case 'reissued':
      return { ...state, task: null, unwritten: false, resolution: event.outcome };
    case 'told': {
      const outbox = state.outbox.filter(({ id }) => id !== event.event.id);
      return { ...state, outbox, handed: [...state.handed, event.event.id] };
    }
    default:
      return event satisfies never;
  }
}

const answeredAtLast = (state: RefundState): RefundState => ({ ...state, trouble: null, unansweredSinceMs: null });

/** A reason to ask now; what is said again a moment later, before WeChat Pay answered, is one reason. */
function askedFor(state: RefundState, reason: 'notify' | 'person', nowMs: number): RefundState {
  const isSaid = state.reason === reason || state.reason === 'person';
  if (isSaid && nowMs - state.nextAskMs < ASK_AGAIN_MS) return state;
  return { ...state, ask: state.ask ?? 'evidence', nextAskMs: nowMs, reason: isSaid ? state.reason : reason };
}

function applied(state: RefundState, { answer, earlierUnknown }: RefundApplied, nowMs: number): RefundState {
  const heard: RefundState = { ...answeredAtLast(state), applyUnknown: state.applyUnknown || earlierUnknown };
  switch (answer.kind) {
    case 'accepted':
      return known(heard, answer.refund, nowMs);
    case 'refused':
    case 'conflict':
      return state.state === 'requested'
        ? { ...heard, refused: true, refusalCode: answer.code, ask: 'refusal', nextAskMs: nowMs }
        : heard;
    default:
      return answer satisfies never;
  }
}

/** What WeChat Pay knows of the refund. Its state moves only forward; a late "processing" changes nothing. */
function known(state: RefundState, fact: RefundFact, nowMs: number): RefundState {
  if (fact.outTradeNo !== state.outTradeNo || fact.refundFen !== state.amountFen) {
    return { ...state, mismatched: true };
  }
  const heard: RefundState = {
    ...state,
    refundId: fact.refundId,
    refused: false,
    acceptedAtMs: state.acceptedAtMs ?? nowMs,
  };
  if (!REFUND_TRANSITIONS[state.state].includes(fact.status)) return heard;
  return {
    ...heard,
    state: fact.status,
    succeededAtMs: fact.status === 'succeeded' ? (fact.successAtMs ?? nowMs) : null,
  };
}

function queried(
  state: RefundState,
  ask: RefundState['ask'],
  answer: Extract<RefundEvent, { type: 'refundQueried' }>['answer'],
  nowMs: number,
): RefundState {
  const heard = answer.kind === 'found' ? known(state, answer.refund, nowMs) : state;
  if (ask === 'resolve') return resolved(heard, answer, nowMs);
  // What WeChat Pay once knew cannot have never happened.
  if (ask !== 'refusal' || answer.kind === 'found' || heard.state !== 'requested') return heard;
  if (answer.kind === 'unrecognised') return { ...heard, ask, nextAskMs: nowMs + NOT_EXIST_GAP_MS };
  return neverHappened(heard, nowMs);
}

/** Refused, and WeChat Pay does not know it. After an apply of unknown outcome, which may still arrive, it is asked twice. */
function neverHappened(state: RefundState, nowMs: number): RefundState {
  const sinceMs = state.missingSinceMs ?? nowMs;
  if (!state.applyUnknown || nowMs - sinceMs >= NOT_EXIST_GAP_MS) return { ...state, state: 'rejected' };
  return { ...state, missingSinceMs: sinceMs, ask: 'refusal', nextAskMs: sinceMs + NOT_EXIST_GAP_MS };
}

function resolveRequested(state: RefundState, action: RefundResolveAction): RefundState {
  if (action === 'reissue' && !isOwn(state.cause)) return { ...state, resolution: 'not_allowed' };
  const applies = action === 'reissue' ? isReleased(state.state) : state.state === 'abnormal';
  if (!applies) return { ...state, resolution: 'not_applicable' };
  return { ...state, resolving: action, resolution: null, ask: 'resolve', nextAskMs: 0 };
}

/** A person's decision holds only if WeChat Pay says at that moment what it was based on. */
function resolved(
  state: RefundState,
  answer: Extract<RefundEvent, { type: 'refundQueried' }>['answer'],
  nowMs: number,
): RefundState {
  const { resolving } = state;
  const decided: RefundState = { ...state, resolving: null };
  const status = answer.kind === 'found' ? answer.refund.status : answer.kind;
  // A late answer may still say abnormal of a refund that has ended since it was asked about.
  const isAbnormal = status === 'abnormal' && state.state === 'abnormal';
  switch (resolving) {
    case null:
      return decided;
    case 'reissue':
      return status === 'closed' || status === 'notExist'
        ? { ...decided, task: 'reissue' }
        : { ...decided, resolution: 'unconfirmed' };
    case 'abnormalRefund':
      return isAbnormal ? { ...decided, task: 'abnormalRefund' } : { ...decided, resolution: 'unconfirmed' };
    case 'paidOffline':
      return isAbnormal
        ? { ...decided, state: 'succeeded', offline: true, succeededAtMs: nowMs, resolution: 'resolved' }
        : { ...decided, resolution: 'unconfirmed' };
    default:
      return resolving satisfies never;
  }
}

function abnormalRefundAnswered(
  state: RefundState,
  answer: Extract<RefundEvent, { type: 'abnormalRefundAnswered' }>['answer'],
  nowMs: number,
): RefundState {
  if (answer.kind !== 'accepted') return { ...state, refusalCode: answer.code, resolution: 'refused' };
  return { ...known(state, answer.refund, nowMs), resolution: 'resolved' };
}

const differ = (before: RefundProjection, after: RefundProjection): boolean =>
  JSON.stringify(before) !== JSON.stringify(after);
