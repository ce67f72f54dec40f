import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import { differences } from '../../../src/orders/rules/evidence.js';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { isUnsettled } from '../../../src/orders/rules/attempt.js';
import { attemptOf, type OrderState } from '../../../src/orders/rules/state.js';
import {
  ATTEMPT_TRANSITIONS,
  FULFILMENT_TRANSITIONS,
  isFinal,
  ORDER_TRANSITIONS,
} from '../../../src/orders/rules/states.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { anEvidence, START_MS } from './fixtures.js';
import { aFact, anAnswer, aStory, eventFor, tell } from './stories.js';
import { runs } from '../../support/property-runs.js';
import { flat, flatAttempt } from './flat.js';

const RUNS = runs(200);
const HOUR = 3_600_000;

describe('whatever happens, in any order and number', () => {
  it('an order and its attempts move only along their tables', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, _event, after) => {
          if (flat(before).state !== flat(after).state)
            expect(ORDER_TRANSITIONS[flat(before).state]).toContain(flat(after).state);
          const { fulfilment } = flat(before);
          if (fulfilment !== flat(after).fulfilment)
            expect(FULFILMENT_TRANSITIONS[fulfilment]).toContain(flat(after).fulfilment);
          for (const attempt of before.attempts) {
            const now = flatAttempt(attemptOf(after, attempt.outTradeNo))?.state;
            if (now !== flatAttempt(attempt).state)
              expect(ATTEMPT_TRANSITIONS[flatAttempt(attempt).state]).toContain(now);
          }
        });
      }),
      RUNS,
    );
  });

  it('only a query that confirms money makes an order paid, and only money that equals it, unless a person accepts it', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          if (flat(before).state === 'paid' || flat(after).state !== 'paid') return;
          expect(event.type).toBe('tradeAnswered');
          if (flat(before).resolving === 'accept' && flat(after).resolution === 'resolved') {
            const accepted = after.attempts.find(({ outTradeNo }) => outTradeNo === flat(after).paidAttempt);
            expect(flatAttempt(accepted)).toMatchObject({
              state: 'succeeded',
              confirmed: 'paid',
              paidFen: flat(after).paidFen,
            });
            return;
          }
          if (event.type !== 'tradeAnswered' || event.answer.kind !== 'paid') throw new Error('paid by no money');
          const attempt = attemptOf(before, event.outTradeNo);
          if (attempt === undefined) throw new Error('paid by an unknown attempt');
          expect(differences(before, attempt, event.answer.trade)).toEqual([]);
          expect(flatAttempt(attempt).disputed).toBe(false);
        });
      }),
      RUNS,
    );
  });

  it('a final order moves only when a query confirms money', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          if (!isFinal(flat(before).state) || flat(before).state === flat(after).state) return;
          const confirmed =
            event.type === 'tradeAnswered' && (event.answer.kind === 'paid' || event.answer.kind === 'refunded');
          expect(confirmed).toBe(true);
        });
      }),
      RUNS,
    );
  });

  it("a paid order's money never changes", () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, _event, after) => {
          if (flat(before).state !== 'paid') return;
          const money = (order: OrderState) => {
            const { state, paidAttempt, paidFen, paidAtMs } = flat(order);
            return { state, paidAttempt, paidFen, paidAtMs };
          };
          expect(money(after)).toEqual(money(before));
        });
      }),
      RUNS,
    );
  });

  it('evidence said twice is evidence said once, until a query has answered', () => {
    fc.assert(
      fc.property(aStory, aFact, (story, fact) => {
        const state = tell(story);
        const event: OrderEvent = { type: 'evidence', evidence: anEvidence(fact) };
        const once = transition(state, event, START_MS + HOUR);
        expect(transition(once, event, START_MS + HOUR)).toEqual(once);
      }),
      RUNS,
    );
  });

  it('no answer makes the order ask the same thing for ever without waiting', () => {
    fc.assert(
      fc.property(aStory, fc.array(anAnswer, { minLength: 40, maxLength: 40 }), (story, answers) => {
        let state = tell(story);
        const nowMs = START_MS + 100 * HOUR;
        for (const answer of answers) {
          const step = nextStep(state, nowMs);
          if (step === undefined || step.kind === 'wait') return;
          state = transition(state, eventFor(state, step, answer), nowMs);
        }
        expect(['wait', undefined]).toContain(nextStep(state, nowMs)?.kind);
      }),
      RUNS,
    );
  });

  it('an order that has nothing left to do is final, with every attempt settled and no evidence open', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        const state = tell(story);
        if (nextStep(state, START_MS + 100 * HOUR) !== undefined) return;
        expect(isFinal(flat(state).state)).toBe(true);
        expect(state.attempts.some((attempt) => isUnsettled(attempt) || attempt.doubt !== null)).toBe(false);
        expect(flat(state).stuckReason).not.toBe('review');
        expect(flat(state).fulfilment).not.toBe('pending');
        expect(flat(state)).toMatchObject({ outbox: [], undecided: null, ending: null, resolving: null });
        expect(flat(state).changed).toBe(false);
      }),
      RUNS,
    );
  });
});
