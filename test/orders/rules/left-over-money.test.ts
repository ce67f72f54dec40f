import { expect, it } from 'vitest';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { RESOLVE_ACTIONS } from '../../../src/orders/rules/states.js';
import { decide, first, NOW_MS } from './deciding.js';
import { after, aTrade, fen, FIRST, paid, SECOND } from './fixtures.js';
import {
  backOf,
  closedOrder,
  closedWithConflict,
  FIRST_TRADE,
  overdueOrder,
  inReview,
  returned,
  secondOpen,
  SECOND_TRADE,
} from './orders.js';
import { flat } from './flat.js';

it('a closed order whose return was refused can be left by a person, in some way', () => {
  const refused = after(after(closedOrder(), paid()), returned('refused'));
  expect(flat(refused)).toMatchObject({ state: 'closed', stuckReason: 'refund_failed' });
  const ends = RESOLVE_ACTIONS.map((action) => nextStep(decide(refused, action, first('paid')), NOW_MS));
  expect(ends).toContain(undefined);
});
it('a review whose return was refused is not closed as returned', () => {
  const refused = after(decide(inReview.amount_mismatch(), 'return', first('less')), returned('refused'));
  expect(flat(refused).closedReason).not.toBe('returned');
});
it.each(['notPaid', 'notExist', 'unrecognised', 'refunded'] as const)(
  'what was held for a person goes back only on confirmed money, not on: %s',
  (says) => {
    const state = decide(overdueOrder('review'), 'return', first(says));
    expect(flat(state)).toMatchObject({ resolution: 'unconfirmed', attempts: [{ back: null }] });
  },
);
it('evidence that is confirmed at last, and given back, needs nobody any more', () => {
  const state = after(closedWithConflict(), paid(), returned());
  expect(flat(state).stuckReason).toBeNull();
  expect(nextStep(state, NOW_MS)).toBeUndefined();
});
it('evidence that is confirmed at last, and accepted by the policy, needs nobody any more', () => {
  expect(flat(after(closedWithConflict('accept'), paid()))).toMatchObject({ state: 'paid', stuckReason: null });
});
it('accepting one payment does not give back another that went back elsewhere', () => {
  const both = after(secondOpen(), paid({ ...FIRST_TRADE, totalFen: fen(900) }, FIRST), paid(SECOND_TRADE, SECOND));
  const state = decide(both, 'accept', {
    [FIRST]: { kind: 'refunded', trade: aTrade({ ...FIRST_TRADE, totalFen: fen(900) }) },
    [SECOND]: { kind: 'paid', trade: aTrade(SECOND_TRADE) },
  });
  expect(flat(state)).toMatchObject({ state: 'paid', paidAttempt: SECOND });
  expect(backOf(state, FIRST)).toBeNull();
});
