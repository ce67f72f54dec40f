import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFUND_STATUSES } from '../../../src/orders/rules/gateway-answer.js';
import type { AppliedAnswer, NumberAnswer, RefundEvent } from '../../../src/refunds/rules/events.js';
import { nextRefundStep, type RefundStep } from '../../../src/refunds/rules/next-step.js';
import type { RefundState } from '../../../src/refunds/rules/state.js';
import {
  isRefundFinal,
  REFUND_RESOLVE_ACTIONS,
  REFUND_STATES,
  REFUND_TRANSITIONS,
} from '../../../src/refunds/rules/states.js';
import { refundTransition } from '../../../src/refunds/rules/transition.js';
import { fen, must, ORDER_NO, START_MS } from '../../orders/rules/fixtures.js';
import { parseRefundNo } from '../../../src/base/ids.js';
import { aRefund, aRefundFact, aStoredRefund, found, OWN, refundProjected, resolving } from './fixtures.js';
import { runs } from '../../support/property-runs.js';
import { flatRefund } from './flat.js';

const RUNS = runs(200);
const DAY = 86_400_000;
const EVENT = { id: 'event-1', type: 'refund.abnormal', tried: false } as const;

const aFact = fc
  .record({ status: fc.constantFrom(...REFUND_STATUSES), refundFen: fc.constantFrom(fen(1200), fen(1200), fen(1199)) })
  .map((fields) => aRefundFact(fields));
const anAnswer: fc.Arbitrary<NumberAnswer> = fc.oneof(
  fc.constantFrom<NumberAnswer>(
    { kind: 'notExist' },
    { kind: 'otherPayment' },
    { kind: 'unrecognised', status: 'NEW' },
  ),
  aFact.map((refund): NumberAnswer => ({ kind: 'found', refund })),
);
const anApply: fc.Arbitrary<AppliedAnswer> = fc.oneof(
  fc.constantFrom<AppliedAnswer>({ kind: 'refused', code: 'PARAM_ERROR' }, { kind: 'conflict', code: null }),
  aFact.map((refund): AppliedAnswer => ({ kind: 'accepted', refund })),
);
const anEvent: fc.Arbitrary<RefundEvent> = fc.oneof(
  anAnswer.map((answer): RefundEvent => ({ type: 'refundQueried', answer })),
  fc.record({ type: fc.constant('refundApplied' as const), answer: anApply, earlierUnknown: fc.boolean() }),
  fc.record({ type: fc.constant('abnormalRefundAnswered' as const), answer: anApply }),
  fc.constantFrom(...REFUND_RESOLVE_ACTIONS).map((action): RefundEvent => ({ type: 'resolveRequested', action })),
  fc.constantFrom<RefundEvent>(
    { type: 'evidence' },
    { type: 'asked' },
    { type: 'entered', orderNo: ORDER_NO },
    { type: 'booked', stored: null },
    { type: 'recovered' },
    { type: 'told', event: EVENT },
    { type: 'reissued', outcome: 'resolved' },
    { type: 'troubled', reason: 'merchant_balance' },
    { type: 'troubled', reason: 'gateway_unreachable' },
  ),
);
const aStart = fc.constantFrom(aRefund(), aRefund({ outRefundNo: must(parseRefundNo('R-1')), cause: 'shop' }));
const aStory = fc.tuple(aStart, fc.array(fc.tuple(anEvent, fc.nat({ max: 60_000 })), { maxLength: 40 }));
type Story = typeof aStory extends fc.Arbitrary<infer T> ? T : never;

/** Tells a story and shows each step of it. */
function tell(
  [start, events]: Story,
  look: (before: RefundState, event: RefundEvent, after: RefundState) => void = () => undefined,
): RefundState {
  let nowMs = START_MS;
  return events.reduce((before, [event, laterMs]) => {
    nowMs += laterMs;
    const after = refundTransition(before, event, nowMs);
    look(before, event, after);
    return after;
  }, start);
}

/** Abnormal is said once more of a refund that ended while a person's decision about it was being asked. */
const ENDED_UNDER_A_DECISION: Story = [
  aRefund(),
  [
    [found({ status: 'abnormal' }), 0],
    [resolving('paidOffline'), 0],
    [{ type: 'abnormalRefundAnswered', answer: { kind: 'accepted', refund: aRefundFact({ status: 'closed' }) } }, 0],
    [found({ status: 'abnormal' }), 0],
  ],
];

describe('whatever happens to a refund, in any order and number', () => {
  it('it moves only along its table, and not at all once it is over', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          if (flatRefund(before).state === flatRefund(after).state) return;
          expect(isRefundFinal(flatRefund(before).state), `${flatRefund(before).state} by ${event.type}`).toBe(false);
          expect(REFUND_TRANSITIONS[flatRefund(before).state]).toContain(flatRefund(after).state);
        });
      }),
      { ...RUNS, examples: [[ENDED_UNDER_A_DECISION]] },
    );
  });

  it('it succeeds only by what WeChat Pay says of this very refund, or by a person over an abnormal one', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          if (flatRefund(before).state === flatRefund(after).state || flatRefund(after).state !== 'succeeded') return;
          if (!('answer' in event) || !('refund' in event.answer)) throw new Error('succeeded by no answer');
          const { status, refundFen } = event.answer.refund;
          expect(status).toBe(flatRefund(after).offline ? 'abnormal' : 'succeeded');
          if (!flatRefund(after).offline) expect(refundFen).toBe(before.amountFen);
          // The answer itself may be what makes it abnormal again, after a try to send the money elsewhere.
          if (flatRefund(after).offline) expect(flatRefund(before).resolving).toBe('paidOffline');
        });
      }),
      RUNS,
    );
  });

  it('it is rejected only when a query shows none after a refusal, or one of another payment', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          if (flatRefund(before).state === flatRefund(after).state || flatRefund(after).state !== 'rejected') return;
          const isOthers = event.type === 'refundQueried' && event.answer.kind === 'otherPayment';
          expect(flatRefund(before).refused || isOthers).toBe(true);
          const kind = isOthers ? 'otherPayment' : 'notExist';
          expect(event).toMatchObject({ type: 'refundQueried', answer: { kind } });
        });
      }),
      RUNS,
    );
  });

  it('only a refund of our own that came to nothing gets a successor, and only when WeChat Pay confirms it', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          const { task } = flatRefund(after);
          if (flatRefund(before).task === task || (task !== 'reissue' && task !== 'paidOffline')) return;
          expect(before.outRefundNo).toBe(OWN);
          expect(['rejected', 'closed']).toContain(flatRefund(before).state);
          expect(event.type).toBe('refundQueried');
        });
      }),
      RUNS,
    );
  });

  it('no answer makes it do the same thing for ever without waiting', () => {
    fc.assert(
      fc.property(aStory, anAnswer, anApply, (story, answer, reply) => {
        let state = tell(story);
        for (let turn = 0; turn < 20; turn += 1) {
          const step = nextRefundStep(state, START_MS + DAY);
          if (step === undefined || step.kind === 'wait') return;
          state = refundTransition(state, eventFor(state, step, answer, reply), START_MS + DAY);
        }
        // The same apply is sent again only while WeChat Pay neither takes nor refuses it: its activity waits by itself.
        expect(['wait', undefined]).toContain(nextRefundStep(state, START_MS + DAY)?.kind);
      }),
      RUNS,
    );
  });

  it('one that has nothing left to do is over, and nothing of it is unsaid or undecided', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        const state = tell(story);
        if (nextRefundStep(state, START_MS + DAY) !== undefined) return;
        expect(isRefundFinal(flatRefund(state).state)).toBe(true);
        expect(flatRefund(state)).toMatchObject({ changed: false, outbox: [], ask: null, task: null, resolving: null });
      }),
      RUNS,
    );
  });

  it('one that waits without an end is polled, or waits for a person', () => {
    const aRow = fc.constantFrom(...REFUND_STATES.filter((state) => !isRefundFinal(state)));
    fc.assert(
      fc.property(aRow, fc.nat({ max: DAY }), (state, laterMs) => {
        const appliedAt = state === 'requested' ? null : new Date(START_MS);
        const step = nextRefundStep(aRefund({ state, appliedAt }), START_MS + 60_000 + laterMs);
        if (step?.kind === 'wait') expect(step).toEqual({ kind: 'wait', untilMs: null, poll: state });
      }),
    );
  });
});

function eventFor(
  state: RefundState,
  step: Exclude<RefundStep, { kind: 'wait' }>,
  answer: NumberAnswer,
  reply: AppliedAnswer,
): RefundEvent {
  switch (step.kind) {
    case 'project':
      return refundProjected(state, [EVENT]);
    case 'tell':
      return { type: 'told', event: step.event };
    case 'query':
      return { type: 'refundQueried', answer };
    case 'book':
      return { type: 'booked', stored: aStoredRefund({ cause: 'external', state: 'processing' }) };
    case 'apply':
      return { type: 'refundApplied', answer: reply, earlierUnknown: true };
    case 'abnormalRefund':
      return { type: 'abnormalRefundAnswered', answer: reply };
    case 'reissue':
    case 'paidOffline':
      return { type: 'reissued', outcome: 'resolved' };
    default:
      return step satisfies never;
  }
}
