import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { returnNoOf, type OutTradeNo } from '../../../src/base/ids.js';
import { orderEvents, type MerchantEventType } from '../../../src/shop-events/rules/event.js';
import type { OrderEvent, Returned } from '../../../src/orders/rules/events.js';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { leftFen } from '../../../src/orders/rules/attempt.js';
import { isLoose, type OrderState } from '../../../src/orders/rules/state.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { aRefundRow } from '../../refunds/rules/fixtures.js';
import { anOrder, projected, START_MS } from './fixtures.js';
import { aRow, recordOf } from './rows.js';
import { aStory, type Story } from './stories.js';
import { runs } from '../../support/property-runs.js';
import { flat, flatAttempt } from './flat.js';

const RUNS = runs(400);
const anOutcome = fc.constantFrom<Returned['outcome']>('started', 'started', 'nothing', 'refused');

type Told = {
  readonly state: OrderState;
  readonly events: readonly MerchantEventType[];
  /** Attempts whose money was sent back, in order. */
  readonly returns: readonly OutTradeNo[];
  /** Attempts that WeChat Pay once called refunded. */
  readonly elsewhere: ReadonlySet<OutTradeNo>;
};

/** Tells a story as the loop would live it: what is known is written at once, and money that is to go back is sent. */
function live({ policy, telling }: Story, outcome: Returned['outcome']): Told {
  let nowMs = START_MS;
  let state = anOrder('native', policy);
  let row = aRow({ policy });
  const events: MerchantEventType[] = [];
  const returns: OutTradeNo[] = [];
  const elsewhere = new Set<OutTradeNo>();

  const fold = (event: OrderEvent): void => {
    state = transition(state, event, nowMs);
    if (!flat(state).changed) return;
    const written = recordOf(row, projected(state).projection);
    events.push(...orderEvents(row, written, events));
    row = written;
    state = transition(state, projected(state), nowMs);
  };

  for (const [event, laterMs] of telling) {
    nowMs += laterMs;
    if (event.type === 'returned') continue;
    if (event.type === 'tradeAnswered' && event.answer.kind === 'refunded') elsewhere.add(event.outTradeNo);
    fold(event);
    for (const { outTradeNo } of flat(state).attempts.filter(({ back }) => back?.state === 'wanted')) {
      if (outcome === 'started') {
        returns.push(outTradeNo);
        row = { ...row, refunds: [...row.refunds, aRefundRow({ outTradeNo, outRefundNo: returnNoOf(outTradeNo) })] };
      }
      fold({ type: 'returned', outTradeNo, outcome });
    }
  }
  return { state, events, returns, elsewhere };
}

const count = <T>(list: readonly T[], wanted: T): number => list.filter((it) => it === wanted).length;

describe('whatever happens to the money, in any order and number', () => {
  it('all of it is decided when the order is: it is its own, on its way back, or left to a person who saw it', () => {
    fc.assert(
      fc.property(aStory, anOutcome, (story, outcome) => {
        const { state, elsewhere } = live(story, outcome);
        if (nextStep(state, START_MS + 86_400_000_000) !== undefined) return;
        for (const attempt of state.attempts) {
          expect(['wanted', 'refused']).not.toContain(flatAttempt(attempt).back?.state);
          if (isLoose(state, attempt) && leftFen(attempt) > 0) expect(elsewhere).toContain(attempt.outTradeNo);
        }
      }),
      RUNS,
    );
  });

  it('an order is called returned only when all its money is on its way back, or known to be back', () => {
    fc.assert(
      fc.property(aStory, anOutcome, (story, outcome) => {
        const { state } = live(story, outcome);
        if (flat(state).closedReason !== 'returned') return;
        for (const attempt of state.attempts.filter((it) => isLoose(state, it))) expect(leftFen(attempt)).toBe(0);
      }),
      RUNS,
    );
  });

  it('each payment goes back at most once', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        const { returns } = live(story, 'started');
        expect(new Set(returns).size).toBe(returns.length);
      }),
      RUNS,
    );
  });

  it("the order's own money goes back only for its goods, or because a person said so", () => {
    fc.assert(
      fc.property(aStory, (story) => {
        const { state } = live(story, 'started');
        const own = state.attempts.find(({ outTradeNo }) => outTradeNo === flat(state).paidAttempt);
        const back = flatAttempt(own)?.back ?? null;
        if (back === null) return;
        expect(['fulfilment_rejected', 'fulfilment_overdue', 'operator']).toContain(back.cause);
        expect(['rejected', 'overdue']).toContain(flat(state).fulfilment);
        if (back.cause === 'fulfilment_overdue') expect(flat(state).shop.kind).toBe('told');
      }),
      RUNS,
    );
  });

  it('the shop is told once that it is paid, and once that its money goes back', () => {
    fc.assert(
      fc.property(aStory, anOutcome, (story, outcome) => {
        const { state, events } = live(story, outcome);
        expect(count(events, 'order.paid')).toBe(flat(state).state === 'paid' ? 1 : 0);
        expect(count(events, 'order.compensating')).toBeLessThanOrEqual(1);
        if (events.includes('order.compensating')) {
          expect(events.indexOf('order.paid')).toBeLessThan(events.indexOf('order.compensating'));
        }
      }),
      RUNS,
    );
  });

  it('the shop hears that the money of the order goes back when it does, and only then', () => {
    fc.assert(
      fc.property(aStory, (story) => {
        const { state, events, returns } = live(story, 'started');
        const { paidAttempt } = flat(state);
        const own = paidAttempt !== null && returns.includes(paidAttempt);
        expect(events.includes('order.compensating')).toBe(own);
      }),
      RUNS,
    );
  });
});
