import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TradeAnswer } from '../../../src/domain/gateway-answer.js';
import type { OrderEvent } from '../../../src/domain/order/events.js';
import { mismatches } from '../../../src/domain/order/judge.js';
import { nextStep, type Step } from '../../../src/domain/order/next-step.js';
import { attemptOf, isUnsettled, type OrderState } from '../../../src/domain/order/state.js';
import { ATTEMPT_TRANSITIONS, isFinal, ORDER_TRANSITIONS } from '../../../src/domain/order/states.js';
import { transition } from '../../../src/domain/order/transition.js';
import { anEvidence, anOrder, aTrade, fen, FIRST, ORDER_NO, projected, SECOND, START_MS } from './fixtures.js';
import { outTradeNoOf } from '../../../src/domain/ids.js';
import { play, type Plot } from './world.js';

const RUNS = { numRuns: 1_000 };
const HOUR = 3_600_000;

const aNumber = fc.constantFrom(FIRST, SECOND, outTradeNoOf(ORDER_NO, 3));
const aFact = fc.record({
  transactionId: fc.constantFrom('42-a', '42-b'),
  totalFen: fc.constantFrom(fen(1200), fen(1199)),
  appid: fc.constantFrom(aTrade().appid, 'wxother'),
  currency: fc.constantFrom('CNY', 'USD'),
});
const anAnswer: fc.Arbitrary<TradeAnswer> = fc.oneof(
  fc.constantFrom<TradeAnswer>({ kind: 'notPaid' }, { kind: 'closed' }, { kind: 'notExist' }),
  fc.constant<TradeAnswer>({ kind: 'unrecognised', tradeState: 'NEW' }),
  aFact.map((fact): TradeAnswer => ({ kind: 'paid', trade: aTrade(fact) })),
  aFact.map((fact): TradeAnswer => ({ kind: 'refunded', trade: aTrade(fact) })),
);
const noMoney = fc.oneof(
  fc.record({
    type: fc.constant('evidence' as const),
    evidence: fc.tuple(aNumber, aFact).map(([outTradeNo, fact]) => anEvidence({ outTradeNo, ...fact })),
  }),
  fc.record({
    type: fc.constant('prepayAnswered' as const),
    outTradeNo: aNumber,
    kind: fc.constantFrom('opened' as const, 'refused' as const, 'conflict' as const),
    codeExpiresAtMs: fc.constant(START_MS + 2 * HOUR),
    earlierUnknown: fc.boolean(),
  }),
  fc.record({ type: fc.constant('prepayStarted' as const), outTradeNo: aNumber }),
  fc.record({ type: fc.constant('prepayAbandoned' as const), outTradeNo: aNumber }),
  fc.record({
    type: fc.constant('closeAnswered' as const),
    outTradeNo: aNumber,
    kind: fc.constantFrom(
      'accepted' as const,
      'alreadyPaid' as const,
      'alreadyClosed' as const,
      'notExist' as const,
      'refused' as const,
    ),
  }),
  fc.record({
    type: fc.constant('attemptRequested' as const),
    outTradeNo: aNumber,
    product: fc.constantFrom('native' as const, 'jsapi' as const),
    appid: fc.constant(aTrade().appid),
    reenter: fc.boolean(),
  }),
  fc.constantFrom<OrderEvent>(
    { type: 'closeRequested' },
    { type: 'deadlineReached' },
    { type: 'recovered' },
    { type: 'asked', why: 'sync' },
    { type: 'asked', why: 'recheck' },
    { type: 'troubled', reason: 'merchant_config' },
    { type: 'troubled', reason: 'gateway_unreachable' },
  ),
);
const anEvent: fc.Arbitrary<OrderEvent> = fc.oneof(
  { weight: 3, arbitrary: noMoney },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('tradeAnswered' as const), outTradeNo: aNumber, answer: anAnswer }),
  },
);
const aStory = fc.array(fc.tuple(anEvent, fc.nat({ max: 10 * 60_000 })), { maxLength: 60 });

/** Tells a story and shows each step of it. */
function tell(
  story: readonly (readonly [OrderEvent, number])[],
  look: (before: OrderState, event: OrderEvent, after: OrderState) => void,
): OrderState {
  let nowMs = START_MS;
  return story.reduce((before, [event, laterMs]) => {
    nowMs += laterMs;
    const after = transition(before, event, nowMs);
    look(before, event, after);
    return after;
  }, anOrder());
}

describe('whatever happens, in any order and number', () => {
  it('an order and its attempts move only along their tables', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, _event, after) => {
          if (before.state !== after.state) expect(ORDER_TRANSITIONS[before.state]).toContain(after.state);
          for (const attempt of before.attempts) {
            const now = attemptOf(after, attempt.outTradeNo)?.state;
            if (now !== attempt.state) expect(ATTEMPT_TRANSITIONS[attempt.state]).toContain(now);
          }
        });
      }),
      RUNS,
    );
  });

  it('only a query that confirms money makes an order paid, and only money that equals it', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          if (before.state === 'paid' || after.state !== 'paid') return;
          expect(event.type).toBe('tradeAnswered');
          if (event.type !== 'tradeAnswered' || event.answer.kind !== 'paid') throw new Error('paid by no money');
          const attempt = attemptOf(before, event.outTradeNo);
          if (attempt === undefined) throw new Error('paid by an unknown attempt');
          expect(mismatches(before, attempt, event.answer.trade)).toEqual([]);
          expect(attempt.disputed).toBe(false);
        });
      }),
      RUNS,
    );
  });

  it('a final order moves only when a query confirms money', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        tell(story, (before, event, after) => {
          if (!isFinal(before.state) || before.state === after.state) return;
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
          if (before.state !== 'paid') return;
          const money = ({ state, paidAttempt, paidFen, payerFen, paidAtMs }: OrderState) => ({
            state,
            paidAttempt,
            paidFen,
            payerFen,
            paidAtMs,
          });
          expect(money(after)).toEqual(money(before));
        });
      }),
      RUNS,
    );
  });

  it('evidence said twice is evidence said once, until a query has answered', () => {
    fc.assert(
      fc.property(aStory, aFact, (story, fact) => {
        const state = tell(story, () => undefined);
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
        let state = tell(story, () => undefined);
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
        const state = tell(story, () => undefined);
        if (nextStep(state, START_MS + 100 * HOUR) !== undefined) return;
        expect(isFinal(state.state)).toBe(true);
        expect(state.attempts.some((attempt) => isUnsettled(attempt) || attempt.doubt !== null)).toBe(false);
        expect(state.stuckReason).not.toBe('review');
        expect(state.changed).toBe(false);
      }),
      RUNS,
    );
  });
});

function eventFor(state: OrderState, step: Exclude<Step, { kind: 'wait' }>, answer: TradeAnswer): OrderEvent {
  switch (step.kind) {
    case 'load':
      return { type: 'loaded', facts: { ...state, loading: 'none', orphans: [] } };
    case 'project':
      return projected(state);
    case 'tell':
      return { type: 'told', event: step.event, outcome: { kind: 'later' } };
    case 'return':
      return { type: 'returned', outTradeNo: step.outTradeNo, outcome: 'started' };
    case 'overdue':
      return { type: 'fulfilmentDue' };
    case 'expire':
      return { type: 'deadlineReached' };
    case 'prepay':
      return {
        type: 'prepayAnswered',
        outTradeNo: step.outTradeNo,
        kind: 'conflict',
        codeExpiresAtMs: null,
        earlierUnknown: false,
      };
    case 'query':
      return { type: 'tradeAnswered', outTradeNo: step.outTradeNo, answer };
    case 'close':
      return { type: 'closeAnswered', outTradeNo: step.outTradeNo, kind: 'accepted' };
    default:
      return step satisfies never;
  }
}

const aPay = fc.record({
  atMs: fc.nat({ max: 3 * HOUR }),
  attempt: fc.constantFrom(1 as const, 2 as const),
  totalFen: fc.constantFrom(1200, 1200, 1200, 900),
  force: fc.boolean(),
});
const aPlot: fc.Arbitrary<Plot> = fc.record({
  pays: fc.array(aPay, { maxLength: 3 }),
  notifyDelaysMs: fc.array(fc.array(fc.nat({ max: 24 * 60_000 }), { maxLength: 4 }), { maxLength: 3 }),
  closeRequestedAtMs: fc.option(fc.nat({ max: 3 * HOUR })),
  secondAttemptAtMs: fc.option(fc.nat({ max: 3 * HOUR })),
  unanswered: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 20 }),
});

describe('against a gateway that keeps its rules', () => {
  it('every payment is found or its order knows that nobody can pay any more', () => {
    fc.assert(
      fc.property(aPlot, (plot) => {
        const { state, trades } = play(plot);
        const paid = [...trades].filter(([, trade]) => trade.state === 'SUCCESS');
        const right = paid.filter(([, trade]) => trade.totalFen === 1200);
        // A payment forced onto a closed trade is only known by its notify, or by the bill.
        const onTime = plot.pays.every(({ force }) => !force);
        if (state.state === 'paid') expect(right.map(([number]) => number)).toContain(state.paidAttempt);
        if (onTime && paid.length > 0) expect(['paid', 'review']).toContain(state.state);
        if (onTime && paid.length === 1 && right.length === 1) expect(state.state).toBe('paid');
        if (state.state === 'closed' && onTime) {
          for (const [, trade] of trades) expect(trade.state).toBe('CLOSED');
        }
      }),
      RUNS,
    );
  });

  it('without a payment the order ends closed, and nothing is left open at the gateway', () => {
    fc.assert(
      fc.property(aPlot, (plot) => {
        const { state, trades, ended } = play({ ...plot, pays: [] });
        expect(ended).toBe(true);
        expect(state.state).toBe('closed');
        expect([...trades.values()].every((trade) => trade.state === 'CLOSED')).toBe(true);
      }),
      RUNS,
    );
  });

  it('lost, doubled, late and reordered notifies lead to the same as punctual ones', () => {
    fc.assert(
      fc.property(aPlot, fc.array(fc.nat({ max: 24 * 60_000 }), { maxLength: 6 }), (plot, delays) => {
        const pays = plot.pays.slice(0, 1).map((pay) => ({ ...pay, force: false, attempt: 1 as const }));
        const quiet = { ...plot, pays, secondAttemptAtMs: null, unanswered: [] };
        const punctual = play({ ...quiet, notifyDelaysMs: [[100]] });
        const odd = play({ ...quiet, notifyDelaysMs: [delays] });
        expect(odd.state.state).toBe(punctual.state.state);
        expect(odd.state.paidFen).toBe(punctual.state.paidFen);
      }),
      RUNS,
    );
  });
});
