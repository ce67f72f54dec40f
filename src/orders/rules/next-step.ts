import type { OutTradeNo } from '../../base/ids.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import type { RefundCause } from '../../refunds/rules/states.js';
import { backOf, isCharge, isDoubted, isExhausted, isUnsettled, isWatched, type Attempt } from './attempt.js';
import { chargeEndsMs, giveUpMs } from './charge.js';
import { closingDueMs, closingShownMs } from './closing.js';
import { fulfilmentDueMs } from './fulfilment.js';
import { isChanged } from './projection.js';
import type { OrderRecord } from './record.js';
import { CHARGE_POLL_MS, firstPollMs, paceOf, STUCK_AFTER_MS } from './schedules.js';
import {
  fulfilmentOf,
  isKnown,
  isPayable,
  undecidedOf,
  wantsNextNumber,
  type OrderState,
  attemptOf,
  endingOf,
} from './state.js';
import { isFinal } from './states.js';

/** What must happen now. `wait` ends at `untilMs`, or with the next fact; `poll` names the attempt to ask about meanwhile. */
export type Step =
  | { readonly kind: 'load' | 'project' | 'overdue' | 'overlong' | 'expire' }
  | { readonly kind: 'giveUp'; readonly outTradeNo: OutTradeNo }
  | { readonly kind: 'tell'; readonly event: PendingEvent }
  | { readonly kind: 'return'; readonly outTradeNo: OutTradeNo; readonly cause: RefundCause }
  | GatewayStep
  | { readonly kind: 'nextNumber'; readonly after: OutTradeNo }
  | { readonly kind: 'wait'; readonly untilMs: number | null; readonly poll: OutTradeNo | null };

/** The steps that ask WeChat Pay something about one attempt. */
export type GatewayStep = { readonly kind: 'prepay' | 'charge' | 'query' | 'close'; readonly outTradeNo: OutTradeNo };

/** A line is about the order, or about the first of its attempts for which it is time. */
type Line =
  | {
      readonly name: string;
      readonly whenOf?: undefined;
      readonly when: (order: OrderState, nowMs: number) => boolean;
      readonly what: (order: OrderState, nowMs: number) => Step | undefined;
    }
  | {
      readonly name: string;
      readonly when?: undefined;
      readonly whenOf: (attempt: Attempt, order: OrderState, nowMs: number) => boolean;
      readonly what: (attempt: Attempt) => Step;
    };

/** The story of an order: what comes first is more important. The first line whose time it is, is the next step. */
const STORY: readonly Line[] = [
  { name: 'read what Postgres knows better', when: mustLoad, what: () => ({ kind: 'load' }) },
  { name: 'write what is new', when: isChanged, what: () => ({ kind: 'project' }) },
  { name: 'tell the shop', when: ({ telling }) => telling.outbox.length > 0, what: tell },
  { name: 'ask whether it is paid, as evidence says', whenOf: isDoubtDue, what: query },
  { name: 'give back money that is not kept', whenOf: (it) => backOf(it)?.state === 'wanted', what: giveBack },
  { name: 'begin to close at the deadline', when: isPastDeadline, what: () => ({ kind: 'expire' }) },
  {
    name: 'end the time to deliver',
    when: (order, nowMs) => nowMs >= (fulfilmentDueMs(order) ?? Infinity),
    what: () => ({ kind: 'overdue' }),
  },
  { name: 'ask what somebody wants to know', whenOf: ({ ask }) => ask !== null, what: query },
  { name: 'give a charge up, so that it is reversed', whenOf: isGivenUp, what: giveUp },
  { name: 'close: query, close, query', whenOf: isClosingDue, what: closingStep },
  { name: 'take the next number', when: wantsNextNumber, what: nextNumber },
  { name: "ask for a code, or charge the payer's", whenOf: isCodeDue, what: codeStep },
  { name: 'end', when: isDecided, what: () => undefined },
  { name: 'wait for news, and poll', when: () => true, what: wait },
];

/** The one next step, from all facts so far; `undefined` when the order is final and nothing is undecided. */
export function nextStep(order: OrderState, nowMs: number): Step | undefined {
  const step = firstOf(order, nowMs);
  const isWriting = step?.kind === 'load' || step?.kind === 'project';
  const isOverlong = step !== undefined && !isWriting && (troubleShownMs(order, step) ?? Infinity) <= nowMs;
  return isOverlong ? { kind: 'overlong' } : step;
}

function firstOf(order: OrderState, nowMs: number): Step | undefined {
  for (const line of STORY) {
    if (line.when !== undefined) {
      if (line.when(order, nowMs)) return line.what(order, nowMs);
      continue;
    }
    const attempt = order.attempts.find((it) => line.whenOf(it, order, nowMs));
    if (attempt !== undefined) return line.what(attempt);
  }
  return undefined;
}

/**
 * When the order's workflow does its next step at the latest, as its row tells; its later polls stand in its gateway calls. One that
 * stalled is due until it is known to go on: what it had left to do may be done by another's write.
 */
export function nextDueOf(order: OrderRecord): Date | null {
  if (order.stalledSince !== null) return order.stalledSince;
  if (isFinal(order.state)) return order.dueAt;
  if (order.state === 'creating') return order.createdAt;
  const opened = order.attempts.filter(({ state }) => state === 'open');
  const polls = opened.flatMap(({ outTradeNo, prepayStartedAt: at }) =>
    at === null ? [] : firstPollMs(at.getTime(), paceOf(outTradeNo)),
  );
  return new Date(Math.min(order.expiresAt.getTime(), ...polls));
}

/** When time alone makes something else the next step than the call that is under way: a deadline, a time to ask, or to tell. */
export function wakesAtMs(order: OrderState, call: Step, nowMs: number): number | null {
  return earliest([...plannedMs(order), troubleShownMs(order, call)], nowMs);
}

/** When it shows that something has no answer. A call's silence counts only while it is asked. */
function troubleShownMs(order: OrderState, step: Step): number | null {
  const isCall = step.kind === 'query' || step.kind === 'close' || step.kind === 'prepay' || step.kind === 'charge';
  const { trouble, unansweredSinceMs } = order.gateway;
  const silentMs = isCall && trouble === null && unansweredSinceMs !== null ? unansweredSinceMs + STUCK_AFTER_MS : null;
  return earliest([silentMs, ...order.attempts.filter(isClosing).map(closingShownMs)], -Infinity);
}

function earliest(times: readonly (number | null)[], afterMs: number): number | null {
  const coming = times.filter((time) => time !== null && time > afterMs);
  return coming.length === 0 ? null : Math.min(...coming.map(Number));
}

/** What Postgres would not take is read anew, and so is an order of which nothing is known yet; the rest is kept first. */
function mustLoad(order: OrderState): boolean {
  return order.loading === 'all' || (order.loading === 'facts' && !(isKnown(order) && isChanged(order)));
}

function tell({ telling }: OrderState): Step | undefined {
  const [event] = telling.outbox;
  return event === undefined ? undefined : { kind: 'tell', event };
}

function isDoubtDue({ doubt }: Attempt, _order: OrderState, nowMs: number): boolean {
  return doubt?.nextAtMs != null && doubt.nextAtMs <= nowMs;
}

function query({ outTradeNo }: Attempt): Step {
  return { kind: 'query', outTradeNo };
}

function giveBack(attempt: Attempt): Step {
  const { outTradeNo } = attempt;
  return { kind: 'return', outTradeNo, cause: backOf(attempt)?.cause ?? 'operator' };
}

function isPastDeadline(order: OrderState, nowMs: number): boolean {
  return isPayable(order) && nowMs >= endsAtMs(order) && !pausesDeadline(order);
}

/** A charge that is not answered ends the order before its deadline. */
const endsAtMs = (order: OrderState): number => Math.min(order.deadlineMs, chargeEndsMs(order) ?? Infinity);

function pausesDeadline({ attempts }: OrderState): boolean {
  return attempts.some((attempt) => attempt.doubt !== null);
}

/** While evidence says that it is paid, nothing is closed. */
function isClosing(attempt: Attempt): boolean {
  return attempt.closing !== null && isUnsettled(attempt) && !isDoubted(attempt);
}

function isClosingDue(attempt: Attempt, _order: OrderState, nowMs: number): boolean {
  return attempt.closing !== null && isClosing(attempt) && closingDueMs(attempt.closing) <= nowMs;
}

function closingStep({ outTradeNo, closing }: Attempt): Step {
  return { kind: closing?.next.kind === 'close' ? 'close' : 'query', outTradeNo };
}

function isGivenUp(attempt: Attempt, _order: OrderState, nowMs: number): boolean {
  return isClosing(attempt) && (giveUpMs(attempt) ?? Infinity) <= nowMs;
}

function giveUp({ outTradeNo }: Attempt): Step {
  return { kind: 'giveUp', outTradeNo };
}

function codeStep(attempt: Attempt): Step {
  return { kind: isCharge(attempt) ? 'charge' : 'prepay', outTradeNo: attempt.outTradeNo };
}

function nextNumber({ attempts }: OrderState): Step | undefined {
  const last = attempts.at(-1);
  return last === undefined ? undefined : { kind: 'nextNumber', after: last.outTradeNo };
}

/** The first that is due, and only once no other is being closed. */
function isCodeDue(attempt: Attempt, order: OrderState): boolean {
  const isDue = (it: Attempt): boolean => it.prepay.isDue && it.closing === null && isUnsettled(it);
  if (!isPayable(order) || attempt !== order.attempts.find(isDue)) return false;
  return !order.attempts.some((it) => it !== attempt && isUnsettled(it) && it.closing !== null);
}

/** Final, every attempt settled, no evidence open, no money and no fulfilment undecided: promise 10. */
function isDecided(order: OrderState): boolean {
  const { phase, surplus, attempts } = order;
  if (!isFinal(phase.state) || surplus || fulfilmentOf(order).state === 'pending' || undecidedOf(order) !== null) {
    return false;
  }
  return attempts.every((it) => !isUnsettled(it) && it.doubt === null && backOf(it)?.state !== 'refused');
}

function wait(order: OrderState, nowMs: number): Step {
  const watched = order.attempts.find(
    (it) => isExhausted(it) || (isPayable(order) && isWatched(it) && it.closing === null),
  );
  const pollFromMs = watched === undefined || isExhausted(watched) ? nowMs : pollsFromMs(watched, nowMs);
  const poll = watched !== undefined && pollFromMs <= nowMs ? watched.outTradeNo : null;
  const toldMs = order.attempts.filter(isClosing).map(closingShownMs);
  return { kind: 'wait', untilMs: earliest([...plannedMs(order), ...toldMs, pollFromMs], nowMs), poll };
}

function pollsFromMs(attempt: Attempt, nowMs: number): number {
  const { code, prepay } = attempt;
  if (isCharge(attempt)) return (prepay.sent?.firstAtMs ?? nowMs) + CHARGE_POLL_MS;
  return firstPollMs(code?.openedAtMs ?? nowMs, code?.pace);
}

/** What happens by the clock, as far as it is known. */
function plannedMs(order: OrderState): (number | null)[] {
  const deadlineMs = isPayable(order) && !pausesDeadline(order) ? endsAtMs(order) : null;
  const ofAttempts = order.attempts.flatMap((attempt) => [
    attempt.doubt?.nextAtMs ?? null,
    attempt.closing !== null && isClosing(attempt) ? closingDueMs(attempt.closing) : null,
    isClosing(attempt) ? giveUpMs(attempt) : null,
  ]);
  return [deadlineMs, ...ofAttempts, fulfilmentDueMs(order)];
}

/** What a call is made for: while this is the same, it was asked for once, and another try of it waits its turn. */
export function questionOf(state: OrderState, { kind, outTradeNo }: GatewayStep): string {
  const attempt = attemptOf(state, outTradeNo);
  const { ask = null, closing = null, code = null } = attempt ?? {};
  const of = kind === 'prepay' ? [code?.expiresAtMs] : [closing?.next.kind, closing?.askedAtMs];
  return [kind, outTradeNo, ...(kind === 'query' && ask !== null ? [ask.why, ask.atMs] : of)].join();
}

/** A person or the shop waits for the answer; a deadline, a poll and a notify can wait their turn. */
export function isAskedFor(state: OrderState, { kind, outTradeNo }: GatewayStep): boolean {
  const { ask = null, closing = null } = attemptOf(state, outTradeNo) ?? {};
  // Also to find out why there is no code yet for an order that is being created.
  const isClosingAsked = closing?.askedAtMs != null || state.phase.state === 'creating';
  switch (kind) {
    case 'prepay':
    case 'charge':
      // A code is always for somebody who waits.
      return true;
    case 'query':
      return (ask !== null && ask.why !== 'settle') || isClosingAsked;
    case 'close':
      return isClosingAsked;
    default:
      return kind satisfies never;
  }
}

/** All that is asked about this number, and why the order ends: while this is the same, a call under way answers it. */
export function questionsOf(state: OrderState, outTradeNo: OutTradeNo): string {
  const attempt = attemptOf(state, outTradeNo);
  return [attempt?.ask?.why, attempt?.ask?.atMs, attempt?.doubt?.transactionId, endingOf(state)].join();
}
