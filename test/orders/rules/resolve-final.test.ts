import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { attemptOf, type OrderState } from '../../../src/orders/rules/state.js';
import { RESOLVE_ACTIONS } from '../../../src/orders/rules/states.js';
import { after, anEvidence, answered, aTrade, FIRST, paid, SECOND, START_MS } from './fixtures.js';
import {
  backOf,
  closedOrder,
  closedWithConflict,
  fulfils,
  heard,
  overdueOrder,
  openOrder,
  paidBySecond,
  paidOrder,
  paidWithSurplus,
  resolving,
  returned,
  SECOND_TRADE,
  sevenTimes,
} from './orders.js';

import { decide, first, judged, KEPT, NOW_MS, SAYS, WANTED } from './deciding.js';
import { flat, flatAttempt } from './flat.js';

describe('a paid order with something that does not fit', () => {
  const paidAs = { state: 'paid', paidAttempt: FIRST, paidFen: 1200, attempts: KEPT };
  judged(
    () => paidWithSurplus(),
    [
      ['accept', 'paid', 'resolved', { ...paidAs, stuckReason: null }],
      ['return', 'paid', 'not_applicable', { ...paidAs, stuckReason: 'review' }],
      ['close', 'paid', 'not_applicable', { ...paidAs, stuckReason: 'review' }],
    ],
  );

  it('ends once a person has seen it', () => {
    expect(nextStep(paidWithSurplus(), NOW_MS)).toMatchObject({ kind: 'wait' });
    expect(nextStep(decide(paidWithSurplus(), 'accept', first('paid')), NOW_MS)).toBeUndefined();
  });

  it('whose second payment can not be returned is left to the person', () => {
    const refused = after(after(paidBySecond(), paid()), returned('refused'));
    const second = { kind: 'paid', trade: aTrade(SECOND_TRADE) } as const;
    const left = decide(refused, 'accept', { [SECOND]: second, [FIRST]: SAYS.paid });
    expect(flat(left)).toMatchObject({ state: 'paid', paidAttempt: SECOND, stuckReason: null, resolution: 'resolved' });
    expect(backOf(left)).toEqual({ cause: 'second_payment', state: 'left' });
    expect(nextStep(left, NOW_MS)).toBeUndefined();
  });
});

describe('a paid order with evidence about another attempt that no query confirms', () => {
  const evidence = { type: 'evidence', evidence: anEvidence({ transactionId: '42-first' }) } as const;
  const second = { kind: 'paid', trade: aTrade(SECOND_TRADE) } as const;

  it('ends once a person has seen it', () => {
    const conflict = after(paidBySecond(), evidence, ...sevenTimes(answered(SAYS.closed)));
    expect(flat(conflict)).toMatchObject({ state: 'paid', stuckReason: 'review' });
    const left = decide(conflict, 'accept', { [FIRST]: SAYS.closed, [SECOND]: second });
    expect(flat(left)).toMatchObject({ stuckReason: null, resolution: 'resolved' });
    expect(nextStep(left, NOW_MS)).toBeUndefined();
  });

  it('goes on looking into what the person did not see yet', () => {
    const surplus = after(paidBySecond(), paid({ transactionId: '42-other' }, SECOND), evidence);
    const left = decide(surplus, 'accept', { [SECOND]: second });
    expect(nextStep(left, NOW_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });
});

describe('a paid order whose fulfilment is overdue', () => {
  describe.each(['review', 'shop_unreachable'] as const)('and held for %s', (why) => {
    judged(
      () => overdueOrder(why),
      [
        [
          'accept',
          'paid',
          'resolved',
          { state: 'paid', fulfilment: 'fulfilled', undecided: null, stuckReason: null, attempts: KEPT },
        ],
        [
          'return',
          'paid',
          'resolved',
          { state: 'paid', fulfilment: 'overdue', undecided: null, stuckReason: null, attempts: WANTED },
        ],
        ['close', 'paid', 'not_applicable', { state: 'paid', undecided: why, stuckReason: why, attempts: KEPT }],
      ],
    );

    it('is asked about at WeChat Pay first', () => {
      const asked = after(overdueOrder(why), resolving('return'));
      expect(flat(asked)).toMatchObject({ resolving: 'return', undecided: why, attempts: KEPT });
      expect(nextStep(asked, NOW_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    });

    it('ends after the decision', () => {
      expect(nextStep(decide(overdueOrder(why), 'accept', first('paid')), NOW_MS)).toBeUndefined();
      const given = decide(overdueOrder(why), 'return', first('paid'));
      expect(nextStep(given, NOW_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'operator' });
      expect(nextStep(after(given, returned()), NOW_MS)).toBeUndefined();
    });
  });

  it('and not held needs nobody', () => {
    const overdue = after(paidOrder(fulfils()), heard({ kind: 'told', atMs: START_MS }), { type: 'fulfilmentDue' });
    for (const action of RESOLVE_ACTIONS) {
      expect(flat(after(overdue, resolving(action))).resolution).toBe('not_applicable');
    }
  });
});

describe('a closed order with evidence that no query confirms', () => {
  const closed = { state: 'closed', closedReason: 'cancelled' };
  judged(
    () => closedWithConflict(),
    [
      ['close', 'closed', 'resolved', { ...closed, stuckReason: null }],
      ['accept', 'closed', 'unconfirmed', { ...closed, stuckReason: 'review' }],
      ['return', 'closed', 'unconfirmed', { ...closed, stuckReason: 'review' }],
      ['close', 'less', 'money_held', { state: 'review', reviewReason: 'amount_mismatch' }],
      ['accept', 'less', 'resolved', { state: 'paid', paidFen: 900, stuckReason: null }],
    ],
  );

  it('ends once a person has dismissed it, and gives nothing back for it', () => {
    const dismissed = decide(closedWithConflict(), 'close', first('closed'));
    expect(flatAttempt(attemptOf(dismissed, FIRST))).toMatchObject({ doubt: null, back: null });
    expect(nextStep(dismissed, NOW_MS)).toBeUndefined();
  });

  it('gives the money back when it shows at last', () => {
    const found = decide(closedWithConflict(), 'close', first('paid'));
    expect(backOf(found)).toEqual({ cause: 'late_payment', state: 'wanted' });
  });
});

describe('an order that needs nobody', () => {
  it.each<readonly [string, OrderState]>([
    ['waits for its payer', openOrder()],
    ['is paid', paidOrder()],
    ['is closed', closedOrder()],
    ['waits for its shop', paidOrder(fulfils())],
    ['gives money back', after(closedOrder(), paid())],
    ['is looking into evidence', after(openOrder(), { type: 'evidence', evidence: anEvidence() })],
  ])('because it %s is changed by no decision, and nothing is asked', (_name, state) => {
    for (const action of RESOLVE_ACTIONS) {
      expect(after(state, resolving(action))).toEqual({
        ...state,
        decision: { kind: 'made', outcome: 'not_applicable' },
      });
    }
  });
});
