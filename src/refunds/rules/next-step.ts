import type { PendingEvent } from '../../shop-events/rules/event.js';
import { isRefundChanged } from './projection.js';
import { FIRST_REFUND_POLL_MS } from './schedules.js';
import type { RefundState } from './state.js';
import { isRefundFinal, type RefundStateName } from './states.js';

/** What must happen now. `wait` ends at `untilMs`, or with the next fact; `poll` names the state that is no news meanwhile. */
export type RefundStep =
  | { readonly kind: 'project' }
  | { readonly kind: 'tell'; readonly event: PendingEvent }
  | { readonly kind: 'query' }
  | { readonly kind: 'apply' }
  | { readonly kind: 'abnormalRefund' }
  | { readonly kind: 'reissue' }
  | { readonly kind: 'wait'; readonly untilMs: number | null; readonly poll: RefundStateName | null };

type Line = {
  readonly name: string;
  readonly when: (refund: RefundState, nowMs: number) => boolean;
  readonly what: (refund: RefundState, nowMs: number) => RefundStep | undefined;
};

/** The story of a refund: the first line whose time it is, is the next step. */
const STORY: readonly Line[] = [
  { name: 'write what is new', when: isRefundChanged, what: () => ({ kind: 'project' }) },
  { name: 'tell the shop', when: ({ telling }) => telling.outbox.length > 0, what: tell },
  { name: 'ask WeChat Pay', when: isAskDue, what: () => ({ kind: 'query' }) },
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

function tell({ telling: { outbox } }: RefundState): RefundStep | undefined {
  const [event] = outbox;
  return event === undefined ? undefined : { kind: 'tell', event };
}

function isAskDue({ ask }: RefundState, nowMs: number): boolean {
  return ask !== null && ask.atMs <= nowMs;
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
