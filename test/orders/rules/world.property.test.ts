import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aPolicy } from './stories.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { ORDER_NO } from './fixtures.js';
import { play, type Plot } from './world.js';
import { runs } from '../../support/property-runs.js';
import { flat, flatAttempt } from './flat.js';

const RUNS = runs(200);
const HOUR = 3_600_000;

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
  policy: aPolicy,
  report: fc.option(fc.record({ atMs: fc.nat({ max: 4 * HOUR }), outcome: fc.constantFrom('fulfilled', 'rejected') })),
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
        if (flat(state).state === 'paid') expect(right.map(([number]) => number)).toContain(flat(state).paidAttempt);
        if (onTime && paid.length > 0) expect(['paid', 'review']).toContain(flat(state).state);
        if (onTime && paid.length === 1 && right.length === 1) expect(flat(state).state).toBe('paid');
        if (flat(state).state === 'closed' && onTime) {
          for (const [, trade] of trades) expect(trade.state).toBe('CLOSED');
        }
      }),
      RUNS,
    );
  });

  it("somebody else's trade is never closed, never taken, and costs the order nothing but a number", () => {
    const aForeign = fc.uniqueArray(
      fc.record({ attempt: fc.integer({ min: 1, max: 4 }), state: fc.constantFrom('NOTPAY', 'CLOSED', 'SUCCESS') }),
      { selector: ({ attempt }) => attempt, minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(aPlot, aForeign, (plot, foreign) => {
        const pays = plot.pays.filter(({ attempt }) => attempt === 1);
        // Without an answer nobody can tell whose a trade is.
        const { state, trades, returns } = play({ ...plot, pays, foreign, unanswered: [] });
        for (const { attempt, state: was } of foreign) {
          const outTradeNo = nthOutTradeNo(ORDER_NO, attempt);
          if (was === 'NOTPAY') expect(trades.get(outTradeNo)?.state).not.toBe('CLOSED');
          expect(flat(state).paidAttempt).not.toBe(outTradeNo);
          expect(returns).not.toContain(outTradeNo);
          expect(flatAttempt(state.attempts.find((it) => it.outTradeNo === outTradeNo))?.paidFen ?? 0).toBe(0);
        }
      }),
      RUNS,
    );
  });

  it("somebody else's money paid before is never taken, whatever became of PaySaga's own prepays", () => {
    const aForeign = fc.uniqueArray(fc.record({ attempt: fc.integer({ min: 1, max: 4 }) }), {
      selector: ({ attempt }) => attempt,
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(aPlot, aForeign, (plot, foreign) => {
        const paidBefore = foreign.map((it) => ({ ...it, state: 'SUCCESS' as const }));
        const pays = plot.pays.filter(({ attempt }) => attempt === 1);
        const { state, returns } = play({ ...plot, pays, foreign: paidBefore });
        for (const { attempt } of foreign) {
          const outTradeNo = nthOutTradeNo(ORDER_NO, attempt);
          expect(flat(state).paidAttempt).not.toBe(outTradeNo);
          expect(returns).not.toContain(outTradeNo);
          expect(flatAttempt(state.attempts.find((it) => it.outTradeNo === outTradeNo))?.paidFen ?? 0).toBe(0);
        }
      }),
      RUNS,
    );
  });

  it('without a payment no order waits with nothing that can be paid, however many codes are lost', () => {
    const aLoss = fc.uniqueArray(fc.nat({ max: 12 }), { maxLength: 8 });
    fc.assert(
      fc.property(aPlot, aLoss, (plot, unanswered) => {
        const { state, trades, ended, idle } = play({ ...plot, pays: [], unanswered, losesCodes: true });
        expect(idle).toBe(false);
        expect([ended, flat(state).state]).toEqual([true, 'closed']);
        expect([...trades.values()].every((trade) => trade.state === 'CLOSED')).toBe(true);
      }),
      RUNS,
    );
  });

  it('every payment too many goes back, once, and no other', () => {
    fc.assert(
      fc.property(aPlot, (plot) => {
        const { state, returns } = play(plot);
        expect(new Set(returns).size).toBe(returns.length);
        if (flat(state).state === 'review') return;
        const compensated =
          flat(state).fulfilment === 'rejected' ||
          (flat(state).fulfilment === 'overdue' && flat(state).undecided === null);
        const tooMany = state.attempts
          .filter((attempt) => flatAttempt(attempt).state === 'succeeded')
          .filter(({ outTradeNo }) => outTradeNo !== flat(state).paidAttempt || compensated);
        expect([...returns].sort()).toEqual(tooMany.map(({ outTradeNo }) => outTradeNo).sort());
      }),
      RUNS,
    );
  });

  it('late money that equals the order is what the policy says', () => {
    fc.assert(
      fc.property(aPlot, fc.nat({ max: HOUR }), (plot, delayMs) => {
        const pays = [{ atMs: 3 * HOUR, attempt: 1, totalFen: 1200, force: true }] as const;
        const quiet = { ...plot, pays, notifyDelaysMs: [[delayMs]], secondAttemptAtMs: null, unanswered: [] };
        const { state, returns } = play({ ...quiet, closeRequestedAtMs: null, report: null });
        const becomes = { refund: 'closed', accept: 'paid', review: 'review' } as const;
        expect(flat(state).state).toBe(becomes[plot.policy.latePayment]);
        if (plot.policy.latePayment === 'refund') expect(returns).toHaveLength(1);
        if (plot.policy.latePayment === 'review') expect(returns).toEqual([]);
      }),
      runs(60),
    );
  });

  it('the shop hears once that it is paid and once that its money goes back, and the order ends', () => {
    fc.assert(
      fc.property(aPlot, (plot) => {
        const { state, told, ended } = play(plot);
        expect(told.filter((type) => type === 'order.paid')).toHaveLength(flat(state).state === 'paid' ? 1 : 0);
        const goesBack =
          flat(state).fulfilment === 'rejected' ||
          (flat(state).fulfilment === 'overdue' && flat(state).undecided === null);
        expect(told.filter((type) => type === 'order.compensating')).toHaveLength(goesBack ? 1 : 0);
        expect(ended).toBe(flat(state).stuckReason !== 'review');
      }),
      RUNS,
    );
  });

  it('without a payment the order ends closed, and nothing is left open at the gateway', () => {
    fc.assert(
      fc.property(aPlot, (plot) => {
        const { state, trades, ended } = play({ ...plot, pays: [] });
        expect(ended).toBe(true);
        expect(flat(state).state).toBe('closed');
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
        expect(flat(odd.state).state).toBe(flat(punctual.state).state);
        expect(flat(odd.state).paidFen).toBe(flat(punctual.state).paidFen);
      }),
      RUNS,
    );
  });
});
