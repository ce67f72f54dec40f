import { firstAfter, MINUTE } from '../../base/time.js';
import type { PendingEvent } from '../../shop-events/rules/event.js';
import type { RefundRecord } from './record.js';
import { isRefundChanged, type RefundState } from './state.js';
import { isRefundFinal, type RefundResolveAction, type RefundStateName } from './states.js';

/** `wait` ends at `untilMs`, or with the next fact; `poll` names the state that is no news meanwhile. */
export type RefundStep =
  | { readonly kind: 'project' | 'query' | 'book' | 'apply' | RefundResolveAction }
  | { readonly kind: 'tell'; readonly event: PendingEvent }
  | { readonly kind: 'wait'; readonly untilMs: number | null; readonly poll: RefundStateName | null };

type Line = {
  readonly name: string;
  readonly when: (refund: RefundState, nowMs: number) => boolean;
  readonly what: (refund: RefundState, nowMs: number) => RefundStep | undefined;
};

/** The first line that applies is the next step. */
const STORY: readonly Line[] = [
  { name: 'write what is new', when: isRefundChanged, what: () => ({ kind: 'project' }) },
  { name: 'tell the shop', when: ({ telling }) => telling.outbox.length > 0, what: tell },
  { name: 'book what somebody else made', when: ({ entered }) => entered, what: () => ({ kind: 'book' }) },
  {
    name: 'ask WeChat Pay',
    when: ({ ask }, nowMs) => ask !== null && ask.atMs <= nowMs,
    what: () => ({ kind: 'query' }),
  },
  {
    name: 'wait until it is asked again',
    when: ({ ask }) => ask !== null,
    what: ({ ask }) => waiting(ask?.atMs ?? null),
  },
  { name: 'do what a person decided', when: ({ decision }) => decision?.kind === 'due', what: decided },
  { name: 'end', when: ({ phase }) => isRefundFinal(phase.state), what: () => undefined },
  { name: 'wait for a person, who has to compare', when: ({ mismatched }) => mismatched, what: () => waiting(null) },
  { name: 'apply', when: ({ phase }) => phase.state === 'requested', what: () => ({ kind: 'apply' }) },
  { name: 'wait for the notify, then poll', when: () => true, what: awaited },
];

/** The one next step; `undefined` when the refund is final, written and told. */
export const nextRefundStep = (refund: RefundState, nowMs: number): RefundStep | undefined =>
  STORY.find(({ when }) => when(refund, nowMs))?.what(refund, nowMs);

/** When the refund's workflow does its next step at the latest, as its row tells; null when nothing is left to do. */
export function nextDueOfRefund({ state, appliedAt, createdAt }: RefundRecord): Date | null {
  if (isRefundFinal(state)) return null;
  return state === 'requested' ? createdAt : new Date((appliedAt ?? createdAt).getTime() + FIRST_REFUND_POLL_MS);
}

function tell({ telling: { outbox } }: RefundState): RefundStep | undefined {
  const [event] = outbox;
  return event === undefined ? undefined : { kind: 'tell', event };
}

function decided({ decision }: RefundState): RefundStep | undefined {
  return decision?.kind === 'due' ? { kind: decision.task } : undefined;
}

function awaited({ phase }: RefundState, nowMs: number): RefundStep {
  const pollFromMs = 'acceptedAtMs' in phase ? phase.acceptedAtMs + FIRST_REFUND_POLL_MS : nowMs;
  return pollFromMs > nowMs ? waiting(pollFromMs) : waiting(null, phase.state);
}

const waiting = (untilMs: number | null, poll: RefundStateName | null = null): RefundStep => {
  return { kind: 'wait', untilMs, poll };
};

/** WeChat Pay's own advice: every minute five times, then after 5, 10, 20, then every 30 minutes. The first is the wait from the apply. */
const POLL_DELAYS_MS = [1, 1, 1, 1, 1, 5, 10, 20].map((minutes) => minutes * MINUTE);
export const FIRST_REFUND_POLL_MS = MINUTE;

/** Milliseconds from the `n`th poll (1 is the first) to the next. */
export const refundPollDelayMs = (n: number): number => POLL_DELAYS_MS[n] ?? 30 * MINUTE;

/** The first poll after a moment of a refund applied for at `appliedAtMs`. */
export const nextRefundPollMs = (appliedAtMs: number, afterMs: number): number =>
  firstAfter(afterMs, appliedAtMs + FIRST_REFUND_POLL_MS, refundPollDelayMs);

/** WeChat Pay takes new refunds of one trade a minute apart. */
export const BETWEEN_APPLIES_MS = MINUTE;

const BALANCE_DELAYS_MS = [10_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE] as const;

/** Milliseconds to the next try of a refund that the merchant's balance does not cover. */
export const balanceDelayMs = (attempt: number): number => BALANCE_DELAYS_MS[attempt - 1] ?? 10 * MINUTE;
