import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { projectionOf } from '../../../src/orders/rules/projection.js';
import { attemptOf, giveBack } from '../../../src/orders/rules/state.js';
import { settleUnexpected } from '../../../src/orders/rules/trade-answer.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { after, anEvidence, answered, aTrade, fen, FIRST, opened, paid, SECOND, START_MS } from './fixtures.js';
import {
  backOf,
  closedOrder,
  FIRST_TRADE,
  fulfils,
  inReview,
  openOrder,
  paidBySecond,
  paidOrder,
  returned,
  secondOpen,
  SECOND_TRADE,
} from './orders.js';
import { flat, flatAttempt } from './flat.js';

describe('money after closing', () => {
  it('goes back by default, and the order stays closed with its reason', () => {
    const late = after(closedOrder(), { type: 'evidence', evidence: anEvidence() }, paid());
    expect(flat(late)).toMatchObject({ state: 'closed', closedReason: 'cancelled', paidFen: 0, stuckReason: null });
    expect(nextStep(late, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'late_payment' });
  });

  it('pays the order when its policy accepts it', () => {
    const late = after(closedOrder('accept'), paid());
    expect(flat(late)).toMatchObject({ state: 'paid', paidAttempt: FIRST, paidFen: 1200 });
    expect(flat(late).paidAtMs).toBe(aTrade().successAtMs);
    expect(backOf(late)).toBeNull();
    expect(nextStep(late, START_MS)).toBeUndefined();
  });

  it('that is accepted gets its fulfilment', () => {
    const late = after({ ...closedOrder('accept'), policy: { latePayment: 'accept', ...fulfils() } }, paid());
    expect(flat(late)).toMatchObject({ state: 'paid', fulfilment: 'pending' });
  });

  it('waits for a person when its policy says so', () => {
    const late = after(closedOrder('review'), paid());
    expect(flat(late)).toMatchObject({ state: 'review', reviewReason: 'late_payment', stuckReason: 'review' });
    expect(backOf(late)).toBeNull();
  });

  it.each(['refund', 'accept', 'review'] as const)(
    'that differs from the order waits for a person, though late money is for %s',
    (latePayment) => {
      for (const fields of [{ totalFen: fen(1) }, { currency: 'USD' }, { appid: 'wxother' }]) {
        const late = after(closedOrder(latePayment), paid(fields));
        expect(flat(late)).toMatchObject({ state: 'review', reviewReason: 'amount_mismatch', paidAttempt: null });
        expect(backOf(late)).toBeNull();
      }
    },
  );

  it.each([
    ['in review', inReview.amount_mismatch()],
    ['that goes back', after(closedOrder(), paid())],
  ] as const)(
    '%s keeps the sum it was confirmed with, which Postgres never changes, whatever a later answer says',
    (_, known) => {
      const { paidFen } = flatAttempt(attemptOf(known, FIRST)) ?? {};
      const told = after(known, paid({ totalFen: fen(901) }));
      expect(paidFen).not.toBe(901);
      expect(flatAttempt(attemptOf(told, FIRST))).toMatchObject({ paidFen });
      expect(projectionOf(told).attempts.map((it) => it.paidFen)).toEqual([paidFen]);
      expect(flat(told)).toMatchObject({ state: 'review', reviewReason: 'amount_mismatch' });
    },
  );

  it('that its notify calls by another amount waits for a person, even if the query agrees with the order', () => {
    const late = after(closedOrder(), { type: 'evidence', evidence: anEvidence({ totalFen: 1 }) }, paid());
    expect(flat(late)).toMatchObject({ state: 'review', reviewReason: 'amount_mismatch' });
  });

  it('that went back elsewhere waits for a person', () => {
    const late = after(closedOrder('accept'), answered({ kind: 'refunded', trade: aTrade() }));
    expect(flat(late)).toMatchObject({ state: 'review', reviewReason: 'refunded_elsewhere' });
    expect(backOf(late)).toBeNull();
  });

  it('before the order is closed is no late money: it pays, and stops the closing', () => {
    const paying = after(openOrder({ latePayment: 'refund' }), { type: 'closeRequested' }, paid());
    expect(flat(paying)).toMatchObject({ state: 'paid', ending: null, paidAttempt: FIRST });
    expect(backOf(paying)).toBeNull();
  });

  it('on a second attempt goes back as well, each by its own number', () => {
    const both = after(
      after(secondOpen(), { type: 'closeRequested' }, answered({ kind: 'closed' }, SECOND)),
      paid(FIRST_TRADE, FIRST),
      paid(SECOND_TRADE, SECOND),
    );
    expect(flat(both).state).toBe('closed');
    expect(nextStep(both, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'late_payment' });
    const one = after(both, returned());
    expect(nextStep(one, START_MS)).toEqual({ kind: 'return', outTradeNo: SECOND, cause: 'late_payment' });
    expect(nextStep(after(one, returned('started', SECOND)), START_MS)).toBeUndefined();
  });
});

describe('money on another attempt of a paid order', () => {
  it.each(['refund', 'accept', 'review'] as const)(
    'goes back without a person, though late money is for %s',
    (policy) => {
      const twice = after({ ...paidBySecond(), policy: { ...paidBySecond().policy, latePayment: policy } }, paid());
      expect(flat(twice)).toMatchObject({ state: 'paid', paidAttempt: SECOND, paidFen: 1200, stuckReason: null });
      expect(nextStep(twice, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'second_payment' });
    },
  );

  it('goes back whatever its amount', () => {
    const twice = after(paidBySecond(), paid({ totalFen: fen(5) }));
    expect(flat(twice)).toMatchObject({ state: 'paid', stuckReason: null });
    expect(flatAttempt(attemptOf(twice, FIRST))).toMatchObject({
      paidFen: 5,
      back: { cause: 'second_payment', state: 'wanted' },
    });
  });

  it('leaves the money of the order where it is', () => {
    const twice = after(paidBySecond(), paid());
    expect(backOf(twice, SECOND)).toBeNull();
    expect(flat(after(twice, returned()))).toMatchObject({ state: 'paid', paidAttempt: SECOND, paidFen: 1200 });
  });

  it('that went back elsewhere is left to a person', () => {
    const twice = after(paidBySecond(), answered({ kind: 'refunded', trade: aTrade() }));
    expect(flat(twice)).toMatchObject({ state: 'paid', stuckReason: 'review' });
    expect(backOf(twice)).toBeNull();
  });
});

describe('money that comes while a person has to decide', () => {
  it.each(['amount_mismatch', 'late_payment', 'refunded_elsewhere'] as const)(
    'about %s is added to what they decide on, and the reason stays',
    (reason) => {
      const requested = { type: 'attemptRequested', product: 'native', appid: aTrade().appid, reenter: false } as const;
      const review = inReview[reason]();
      const attempts = [
        ...review.attempts,
        ...after(openOrder(), { ...requested, outTradeNo: SECOND }).attempts.slice(1),
      ];
      const more = after({ ...review, attempts }, ...opened(SECOND), paid(SECOND_TRADE, SECOND));
      expect(flat(more)).toMatchObject({ state: 'review', reviewReason: reason });
      expect(backOf(more, SECOND)).toBeNull();
    },
  );
});

describe('giving money back', () => {
  it('is wanted once: whatever is said again, the same step follows, and none once it is begun', () => {
    const late = after(closedOrder(), paid());
    const again = after(late, { type: 'evidence', evidence: anEvidence() }, paid(), paid());
    expect(again).toEqual(late);
    const begun = after(late, returned(), paid(), { type: 'asked', why: 'recheck' }, paid());
    expect(backOf(begun)).toEqual({ cause: 'late_payment', state: 'started' });
    expect(nextStep(begun, START_MS)).toBeUndefined();
  });

  it('is over when nothing is left to give back', () => {
    const begun = after(after(closedOrder(), paid()), returned('nothing'));
    expect(nextStep(begun, START_MS)).toBeUndefined();
  });

  it('that can not be done is left to a person, and tried again only when asked to', () => {
    const refused = after(after(paidBySecond(), paid()), returned('refused'));
    expect(flat(refused)).toMatchObject({ state: 'paid', stuckReason: 'refund_failed' });
    expect(nextStep(refused, START_MS)).toEqual({ kind: 'wait', untilMs: null, poll: null });
    expect(backOf(giveBack(refused, FIRST, 'operator'))).toEqual({ cause: 'operator', state: 'wanted' });
  });

  it('is begun by a step of its own and by nothing else', () => {
    const late = after(closedOrder(), paid());
    expect(after(late, returned('started', SECOND))).toEqual(late);
    const paidOnce = paidOrder();
    expect(after(paidOnce, returned())).toEqual(paidOnce);
    const begun = after(late, returned());
    expect(transition(begun, returned('refused'), START_MS)).toEqual(begun);
  });

  it('is not asked for an attempt that does not exist', () => {
    const order = paidOrder();
    expect(giveBack(order, SECOND, 'operator')).toBe(order);
  });

  it('comes after what is known was written, and before closing and deadlines', () => {
    const twice = transition(secondOpen(), paid(FIRST_TRADE, FIRST), START_MS);
    expect(flat(twice)).toMatchObject({ state: 'paid', paidAttempt: FIRST });
    const both = transition(twice, paid(SECOND_TRADE, SECOND), START_MS);
    expect(nextStep(both, START_MS)).toEqual({ kind: 'project' });
    expect(nextStep({ ...both, confirmed: projectionOf(both) }, START_MS)).toMatchObject({
      kind: 'return',
      outTradeNo: SECOND,
    });
  });
});

describe('settling by the rule alone', () => {
  it('gives back for an order that is paid, follows the policy for one that is closed, and else asks a person', () => {
    const cause = 'second_payment';
    for (const equals of [true, false]) {
      expect(settleUnexpected(paidOrder(), { equals })).toEqual({ kind: 'return', cause });
      expect(settleUnexpected(inReview.amount_mismatch(), { equals })).toEqual({ kind: 'review' });
    }
    expect(settleUnexpected(closedOrder(), { equals: true })).toEqual({ kind: 'return', cause: 'late_payment' });
    expect(settleUnexpected(closedOrder('accept'), { equals: true })).toEqual({ kind: 'accept' });
    expect(settleUnexpected(closedOrder('accept'), { equals: false })).toEqual({ kind: 'review' });
  });
});
