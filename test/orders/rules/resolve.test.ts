import { describe, expect, it } from 'vitest';
import type { OutTradeNo } from '../../../src/base/ids.js';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { attemptOf } from '../../../src/orders/rules/state.js';
import { after, answered, aTrade, fen, FIRST, opened, paid, SECOND } from './fixtures.js';
import {
  backOf,
  closedOrder,
  FIRST_TRADE,
  fulfils,
  inReview,
  openOrder,
  resolving,
  returned,
  SECOND_TRADE,
  secondOpen,
} from './orders.js';

import { decide, first, judged, KEPT, NO_MONEY_SHOWN, NOW_MS, WANTED, type Row } from './deciding.js';
import { flat, flatAttempt } from './flat.js';

describe('an order in review because the amount differs', () => {
  const review = { state: 'review', reviewReason: 'amount_mismatch', stuckReason: 'review', attempts: KEPT };
  judged(
    () => inReview.amount_mismatch(),
    [
      [
        'accept',
        'less',
        'resolved',
        { state: 'paid', paidAttempt: FIRST, paidFen: 900, reviewReason: null, stuckReason: null },
      ],
      ['return', 'less', 'resolved', { state: 'review', ending: 'returned', attempts: WANTED }],
      ['close', 'less', 'money_held', review],
      ['accept', 'refunded', 'unconfirmed', review],
      ['return', 'refunded', 'unconfirmed', review],
      ['close', 'refunded', 'resolved', { state: 'closed', closedReason: 'cancelled', attempts: KEPT }],
      ...NO_MONEY_SHOWN.flatMap((says): Row[] => [
        ['accept', says, 'unconfirmed', review],
        ['return', says, 'unconfirmed', review],
        ['close', says, 'money_held', review],
      ]),
    ],
  );

  it('is accepted with the amount that WeChat Pay names at that moment', () => {
    const accepted = decide(inReview.amount_mismatch(), 'accept', first('less'));
    expect(flat(accepted)).toMatchObject({ paidFen: 900, paidAtMs: aTrade().successAtMs });
    expect(nextStep(accepted, NOW_MS)).toBeUndefined();
  });

  it('that is accepted still has to be fulfilled', () => {
    const review = after(openOrder(fulfils()), paid({ totalFen: fen(900) }));
    expect(flat(decide(review, 'accept', first('less')))).toMatchObject({ state: 'paid', fulfilment: 'pending' });
  });

  it('ends as returned once its refund is reserved, not before', () => {
    const deciding = decide(inReview.amount_mismatch(), 'return', first('less'));
    expect(nextStep(deciding, NOW_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'operator' });
    const ended = after(deciding, returned());
    expect(flat(ended)).toMatchObject({
      state: 'closed',
      closedReason: 'returned',
      reviewReason: null,
      stuckReason: null,
    });
    expect(nextStep(ended, NOW_MS)).toBeUndefined();
  });

  it('is not decided by an answer about another transaction', () => {
    const other = { kind: 'paid', trade: aTrade({ transactionId: '42-other' }) } as const;
    for (const action of ['accept', 'return'] as const) {
      const state = decide(inReview.amount_mismatch(), action, { [FIRST]: other });
      expect(flat(state)).toMatchObject({ state: 'review', resolution: 'unconfirmed', attempts: KEPT });
    }
  });
});

describe('an order in review because it was paid late', () => {
  const review = { state: 'review', reviewReason: 'late_payment', attempts: KEPT };
  judged(
    () => inReview.late_payment(),
    [
      ['accept', 'paid', 'resolved', { state: 'paid', paidAttempt: FIRST, paidFen: 1200, stuckReason: null }],
      ['return', 'paid', 'resolved', { state: 'review', ending: 'returned', attempts: WANTED }],
      ['close', 'paid', 'money_held', review],
      ['close', 'refunded', 'resolved', { state: 'closed', closedReason: 'cancelled', attempts: KEPT }],
      ...NO_MONEY_SHOWN.flatMap((says): Row[] => [
        ['accept', says, 'unconfirmed', review],
        ['return', says, 'unconfirmed', review],
      ]),
    ],
  );
});

describe('an order in review because the money went back elsewhere', () => {
  const review = { state: 'review', reviewReason: 'refunded_elsewhere', attempts: KEPT };
  judged(
    () => inReview.refunded_elsewhere(),
    [
      ['accept', 'refunded', 'unconfirmed', review],
      ['return', 'refunded', 'unconfirmed', review],
      ['close', 'refunded', 'resolved', { state: 'closed', closedReason: 'cancelled', attempts: KEPT }],
      ['close', 'notExist', 'money_held', review],
      ['accept', 'partlyBack', 'resolved', { state: 'paid', paidFen: 1200, stuckReason: null }],
      ['return', 'partlyBack', 'resolved', { state: 'review', ending: 'returned', attempts: WANTED }],
      ['close', 'partlyBack', 'money_held', review],
      ['accept', 'allBack', 'unconfirmed', review],
      ['return', 'allBack', 'resolved', { state: 'review', ending: 'returned', attempts: WANTED }],
      ['close', 'allBack', 'resolved', { state: 'closed', closedReason: 'returned', attempts: KEPT }],
      ['accept', 'paid', 'resolved', { state: 'paid', paidFen: 1200 }],
      ['return', 'paid', 'resolved', { state: 'review', ending: 'returned', attempts: WANTED }],
    ],
  );
});

describe('an order in review because no query confirms its evidence', () => {
  const review = { state: 'review', reviewReason: 'evidence_conflict', paidFen: 0 };
  judged(
    () => inReview.evidence_conflict(),
    [
      ['accept', 'paid', 'resolved', { state: 'paid', paidFen: 1200 }],
      ['accept', 'less', 'resolved', { state: 'paid', paidFen: 900 }],
      ['return', 'less', 'resolved', { state: 'review', ending: 'returned', attempts: WANTED }],
      ['close', 'less', 'money_held', { state: 'review', reviewReason: 'amount_mismatch' }],
      ['close', 'paid', 'not_applicable', { state: 'paid', paidFen: 1200 }],
      ['return', 'paid', 'not_applicable', { state: 'paid', paidFen: 1200 }],
      ['close', 'closed', 'resolved', { state: 'closed', closedReason: 'cancelled', stuckReason: null }],
      ['close', 'notPaid', 'resolved', { state: 'review', ending: 'cancelled' }],
      ...NO_MONEY_SHOWN.flatMap((says): Row[] => [
        ['accept', says, 'unconfirmed', review],
        ['return', says, 'unconfirmed', review],
      ]),
    ],
  );

  it('is closed at WeChat Pay before it ends without money', () => {
    const dismissed = decide(inReview.evidence_conflict(), 'close', first('notPaid'));
    expect(nextStep(dismissed, NOW_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    const shut = after(
      dismissed,
      answered({ kind: 'notPaid' }),
      { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
      answered({ kind: 'closed' }),
    );
    expect(flat(shut)).toMatchObject({ state: 'closed', closedReason: 'cancelled', reviewReason: null });
    expect(nextStep(shut, NOW_MS)).toBeUndefined();
  });

  it('and is being closed is paid after all when the money shows', () => {
    const dismissed = decide(inReview.evidence_conflict(), 'close', first('notPaid'));
    expect(flat(after(dismissed, paid()))).toMatchObject({ state: 'paid', ending: null, paidFen: 1200 });
  });
});

describe('an order in review with the money of two attempts', () => {
  const both = () =>
    after(secondOpen(), paid({ ...FIRST_TRADE, totalFen: fen(900) }, FIRST), paid(SECOND_TRADE, SECOND));
  const one = { kind: 'paid', trade: aTrade({ ...FIRST_TRADE, totalFen: fen(900) }) } as const;
  const two = { kind: 'paid', trade: aTrade(SECOND_TRADE) } as const;

  it('is paid with one of them, and the other goes back', () => {
    const state = decide(both(), 'accept', { [FIRST]: one, [SECOND]: two });
    expect(flat(state)).toMatchObject({ state: 'paid', paidAttempt: FIRST, paidFen: 900, stuckReason: null });
    expect(backOf(state, SECOND)).toEqual({ cause: 'second_payment', state: 'wanted' });
  });

  it('gives both back, or neither when only one is confirmed', () => {
    const state = decide(both(), 'return', { [FIRST]: one, [SECOND]: two });
    expect(flat(state).attempts.map(({ back }) => back?.state)).toEqual(['wanted', 'wanted']);
    const begun = after(state, returned());
    expect(flat(begun)).toMatchObject({ state: 'review' });
    expect(flat(after(begun, returned('started', SECOND)))).toMatchObject({
      state: 'closed',
      closedReason: 'returned',
    });
    const unsure = decide(both(), 'return', { [FIRST]: one });
    expect(flat(unsure)).toMatchObject({
      state: 'review',
      resolution: 'unconfirmed',
      attempts: [{ back: null }, { back: null }],
    });
  });

  it('takes the one that WeChat Pay confirms', () => {
    const state = decide(both(), 'accept', { [SECOND]: two });
    expect(flat(state)).toMatchObject({ state: 'paid', paidAttempt: SECOND, paidFen: 1200 });
  });

  it('is not ended while one of them is still there', () => {
    const state = decide(both(), 'close', { [FIRST]: { kind: 'refunded', trade: one.trade }, [SECOND]: two });
    expect(flat(state)).toMatchObject({ state: 'review', resolution: 'money_held' });
  });

  it('of which one came while the other was being returned is decided on again', () => {
    const returning = decide(after(secondOpen(), paid({ ...FIRST_TRADE, totalFen: fen(900) }, FIRST)), 'return', {
      [FIRST]: one,
    });
    const more = after(returning, returned(), paid(SECOND_TRADE, SECOND));
    expect(flat(more)).toMatchObject({ state: 'review', ending: null, reviewReason: 'amount_mismatch' });
    expect(nextStep(more, NOW_MS)).toMatchObject({ kind: 'wait' });
    const again = decide(more, 'return', { [SECOND]: two });
    expect(flat(again)).toMatchObject({
      resolution: 'resolved',
      attempts: [{ back: { state: 'started' } }, { back: { state: 'wanted' } }],
    });
    expect(flat(decide(more, 'accept', { [SECOND]: two }))).toMatchObject({ state: 'paid', paidAttempt: SECOND });
  });
});

describe('a decision', () => {
  it('waits for the answer about each payment it concerns', () => {
    const both = after(secondOpen(), paid({ ...FIRST_TRADE, totalFen: fen(900) }, FIRST), paid(SECOND_TRADE, SECOND));
    const asked = after(both, resolving('return'));
    const steps: (OutTradeNo | undefined)[] = [];
    let state = asked;
    for (let step = nextStep(state, NOW_MS); step?.kind === 'query'; step = nextStep(state, NOW_MS)) {
      steps.push(step.outTradeNo);
      state = after(state, answered({ kind: 'closed' }, step.outTradeNo));
    }
    expect(steps).toEqual([FIRST, SECOND]);
    expect(flat(state)).toMatchObject({ resolving: null, resolution: 'unconfirmed' });
  });

  it('is not made on what was confirmed for an earlier one', () => {
    const closing = after(inReview.amount_mismatch(), resolving('close'), paid({ totalFen: fen(900) }));
    expect(flatAttempt(attemptOf(closing, FIRST))?.confirmed).toBe('paid');
    expect(flat(decide(closing, 'accept', first('closed')))).toMatchObject({
      state: 'review',
      resolution: 'unconfirmed',
    });
  });

  it('is not made on an answer that nobody asked for because of it', () => {
    const seen = after(inReview.amount_mismatch(), paid({ totalFen: fen(900) }));
    expect(flatAttempt(attemptOf(seen, FIRST))?.confirmed).toBeNull();
  });

  it('about an order that still has an open attempt gives the money back, and closes it before it ends', () => {
    const review = after(secondOpen(), paid({ ...FIRST_TRADE, totalFen: fen(900) }, FIRST));
    const trade = aTrade({ ...FIRST_TRADE, totalFen: fen(900) });
    const wanted = decide(review, 'return', { [FIRST]: { kind: 'paid', trade } });
    expect(nextStep(wanted, NOW_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'operator' });
    const deciding = after(wanted, returned());
    expect(flat(deciding)).toMatchObject({ state: 'review', ending: 'returned' });
    expect(nextStep(deciding, NOW_MS)).toEqual({ kind: 'query', outTradeNo: SECOND });
    expect(flat(after(deciding, answered({ kind: 'closed' }, SECOND)))).toMatchObject({ closedReason: 'returned' });
  });

  it('to accept late money that is given back already is not taken', () => {
    const late = after(after(closedOrder(), paid()), returned());
    expect(flat(after(late, resolving('accept'), ...opened()))).toMatchObject({
      state: 'closed',
      resolution: 'not_applicable',
    });
  });
});
