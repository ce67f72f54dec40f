import { describe, expect, it } from 'vitest';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { MAX_ATTEMPTS } from '../../../src/base/ids.js';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import { attemptOf, type OrderState } from '../../../src/orders/rules/state.js';
import { transition } from '../../../src/orders/rules/transition.js';
import {
  after,
  anEvidence,
  anOrder,
  answered,
  aTrade,
  DEADLINE_MS,
  fen,
  FIRST,
  opened,
  ORDER_NO,
  paid,
  SECOND,
  START_MS,
  written,
} from './fixtures.js';
import { paidOrder, resolving, returned } from './orders.js';
import { flat, flatAttempt } from './flat.js';

const refused = (
  kind: 'conflict' | 'taken' | 'refused' = 'conflict',
  fields: { outTradeNo?: typeof FIRST; earlierUnknown?: boolean } = {},
): OrderEvent[] => {
  const { outTradeNo = FIRST, earlierUnknown = false } = fields;
  return [
    { type: 'prepayStarted', outTradeNo },
    { type: 'prepayAnswered', outTradeNo, kind, codeExpiresAtMs: null, earlierUnknown },
  ];
};
const reserved: OrderEvent = { type: 'nextReserved', outTradeNo: SECOND };
const refunded = answered({ kind: 'refunded', trade: aTrade() });
const stepOf = (state: OrderState) => nextStep(state, START_MS + 4_000);

/** The first attempt is closed, and the number of the second is somebody else's. */
const secondFailed = (): OrderState =>
  after(
    anOrder(),
    ...opened(),
    { type: 'attemptRequested', outTradeNo: SECOND, product: 'native', appid: aTrade().appid, reenter: false },
    answered({ kind: 'closed' }),
  );
const THEIRS = { transactionId: '42-theirs', totalFen: fen(777) };

describe('a number that was in use before PaySaga first asked', () => {
  const inUse = after(anOrder(), ...refused());

  it('is asked about first', () => {
    expect(stepOf(inUse)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });

  it.each([
    ['paid', paid()],
    ['refunded', refunded],
  ])('and %s is no money of the order: a person decides', (_name, answer) => {
    const state = after(inUse, answer);
    expect(flat(state)).toMatchObject({
      state: 'review',
      reviewReason: 'number_in_use',
      paidFen: 0,
      stuckReason: 'review',
    });
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({
      state: 'failed',
      foreign: true,
      paidFen: 0,
      transactionId: null,
    });
    expect(stepOf(state)).toEqual({ kind: 'wait', untilMs: null, poll: null });
  });

  it.each(['notPaid', 'closed'] as const)('and %s is left alone: the order goes on with its next number', (kind) => {
    const state = after(inUse, answered({ kind }));
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({ state: 'failed', foreign: true });
    expect(stepOf(state)).toEqual({ kind: 'nextNumber', after: FIRST });
    const next = after(state, reserved);
    expect(stepOf(next)).toEqual({ kind: 'prepay', outTradeNo: SECOND });
    const open = after(next, ...opened(SECOND));
    expect(flat(open)).toMatchObject({ state: 'awaitingPayment', stuckReason: null });
    expect(flat(after(open, paid({}, SECOND)))).toMatchObject({ state: 'paid', paidAttempt: SECOND });
  });

  it('and of a state nobody can read is asked about until there is a verdict', () => {
    const state = after(inUse, answered({ kind: 'unrecognised', tradeState: 'NEW' }));
    expect(stepOf(state)).toMatchObject({ kind: 'wait', untilMs: START_MS + 5_000 });
    expect(nextStep(state, START_MS + 5_000)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });

  it('by the refusal alone is believed only when a query shows none, twice, 30 s apart', () => {
    const once = after(inUse, answered({ kind: 'notExist' }));
    expect(stepOf(once)).toMatchObject({ kind: 'wait', untilMs: START_MS + 30_000 });
    const twice = transition(once, answered({ kind: 'notExist' }), START_MS + 32_000);
    expect(nextStep(written(twice), START_MS + 32_000)).toEqual({ kind: 'nextNumber', after: FIRST });
    expect(flatAttempt(attemptOf(twice, FIRST))).toMatchObject({ state: 'failed', foreign: false });
  });

  it('never makes the order paid nor gives its money back, whatever is heard of it later', () => {
    const left = after(inUse, answered({ kind: 'notPaid' }), reserved, ...opened(SECOND));
    const evidence: OrderEvent = { type: 'evidence', evidence: anEvidence() };
    for (const state of [left, after(left, paid({ transactionId: '42-second' }, SECOND))]) {
      expect(after(state, evidence)).toEqual(state);
      const { attempts, ...order } = after(state, paid());
      expect({ ...order, attempts }).toEqual(state);
      expect(attempts.map((attempt) => flatAttempt(attempt).back)).toEqual([null, null]);
    }
  });

  it('costs the order nothing but time: with every number in use it ends rejected', () => {
    let state = anOrder();
    for (let number = 1; number <= MAX_ATTEMPTS; number += 1) {
      const outTradeNo = nthOutTradeNo(ORDER_NO, number);
      state = after(state, ...refused('conflict', { outTradeNo }), answered({ kind: 'notPaid' }, outTradeNo));
      expect(flat(state).state).toBe('creating');
      const next = number === MAX_ATTEMPTS ? null : nthOutTradeNo(ORDER_NO, number + 1);
      state = after(state, { type: 'nextReserved', outTradeNo: next });
    }
    expect(flat(state)).toMatchObject({ state: 'closed', closedReason: 'rejected' });
    expect(stepOf(state)).toBeUndefined();
  });

  it('is not replaced in the last minute of the order', () => {
    const state = after(inUse, answered({ kind: 'notPaid' }));
    expect(nextStep(state, DEADLINE_MS - 59_000)).toMatchObject({ kind: 'wait', untilMs: DEADLINE_MS });
  });

  it.each(['accept', 'return'] as const)('cannot be decided by %s: the money is not provably ours', (action) => {
    const state = after(inUse, paid());
    expect(after(state, resolving(action))).toEqual({ ...state, decision: { kind: 'made', outcome: 'not_ours' } });
  });

  describe('beside money of an attempt of ours that came late', () => {
    const sold = after(secondFailed(), ...refused('taken', { outTradeNo: SECOND }), paid(THEIRS, SECOND), paid());

    it('is never booked, but that money can be accepted', () => {
      const state = after(sold, resolving('accept'), paid());
      expect(flat(state)).toMatchObject({ state: 'paid', paidAttempt: FIRST, paidFen: 1200, resolution: 'resolved' });
      expect(flatAttempt(attemptOf(state, SECOND))).toMatchObject({ foreign: true, paidFen: 0, back: null });
    });

    it('stays where it is when that money goes back', () => {
      const state = after(sold, resolving('return'), paid(), returned());
      expect(flat(state)).toMatchObject({ state: 'closed', closedReason: 'returned', resolution: 'resolved' });
      expect(flatAttempt(attemptOf(state, FIRST))?.back).toMatchObject({ cause: 'operator' });
      expect(flatAttempt(attemptOf(state, SECOND))).toMatchObject({ foreign: true, paidFen: 0, back: null });
    });

    it('does not end the order, which would leave that money behind', () => {
      expect(flat(after(sold, resolving('close'), paid()))).toMatchObject({
        state: 'review',
        resolution: 'money_held',
      });
    });
  });

  it('ends rejected when a person closes it', () => {
    const state = after(inUse, paid(), resolving('close'));
    expect(flat(state)).toMatchObject({
      state: 'closed',
      closedReason: 'rejected',
      resolution: 'resolved',
      stuckReason: null,
    });
    expect(stepOf(state)).toBeUndefined();
    expect(after(state, { type: 'evidence', evidence: anEvidence() })).toEqual(state);
  });

  it.each([
    ['a refused prepay', after(anOrder(), ...refused('refused'))],
    ['a number that was never asked for', after(anOrder(), { type: 'evidence', evidence: anEvidence() })],
  ])('is found by the same rule after %s', (_name, state) => {
    expect(flat(after(state, paid()))).toMatchObject({ state: 'review', reviewReason: 'number_in_use', paidFen: 0 });
  });

  it('on a further attempt of a paid order leaves the order alone', () => {
    const second: OrderEvent = {
      type: 'attemptRequested',
      outTradeNo: SECOND,
      product: 'native',
      appid: aTrade().appid,
      reenter: false,
    };
    const state = after(after(paidOrder()), second);
    expect(flat(after(state, { type: 'evidence', evidence: anEvidence({ outTradeNo: SECOND }) }))).toMatchObject({
      state: 'paid',
      stuckReason: null,
    });
  });
});

describe('a trade paid before our first prepay of its number, of which nobody knows whether it took effect', () => {
  const MINUTE = 60_000;
  const unknown = after(anOrder(), ...refused('conflict', { earlierUnknown: true }));
  const early = { successAtMs: START_MS - 6 * MINUTE };

  it.each([
    ['paid', paid(early)],
    ['refunded', answered({ kind: 'refunded', trade: aTrade(early) })],
  ])("is somebody else's, found %s", (_name, answer) => {
    const state = after(unknown, answer);
    expect(flat(state)).toMatchObject({ state: 'review', reviewReason: 'number_in_use', paidFen: 0, paidAtMs: null });
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({
      state: 'failed',
      foreign: true,
      paidFen: 0,
      back: null,
    });
    for (const action of ['accept', 'return'] as const)
      expect(flat(after(state, resolving(action)))).toMatchObject({ state: 'review', resolution: 'not_ours' });
  });

  it.each([
    ['while it is being closed', after(unknown, { type: 'closeRequested' })],
    ['after its notify', after(unknown, { type: 'evidence', evidence: anEvidence() })],
    [
      'after a notify that no query confirmed',
      after(
        unknown,
        { type: 'evidence', evidence: anEvidence() },
        ...Array.from({ length: 7 }, () => answered({ kind: 'notExist' })),
      ),
    ],
  ])("is somebody else's %s", (_name, state) => {
    expect(flat(after(state, paid(early)))).toMatchObject({
      state: 'review',
      reviewReason: 'number_in_use',
      paidFen: 0,
    });
  });

  it('leaves an order alone that is over', () => {
    const gone: OrderEvent = answered({ kind: 'notExist' });
    const once = after(unknown, { type: 'closeRequested' }, gone);
    const closed = written(transition(once, gone, START_MS + 32_000));
    expect(flat(closed)).toMatchObject({ state: 'closed', closedReason: 'cancelled' });
    const heard = after(closed, { type: 'evidence', evidence: anEvidence() }, paid(early));
    expect(flat(heard)).toMatchObject({
      state: 'closed',
      closedReason: 'cancelled',
      stuckReason: null,
      surplus: false,
    });
    expect(flatAttempt(attemptOf(heard, FIRST))).toMatchObject({ foreign: true, paidFen: 0, back: null });
    expect(stepOf(heard)).toBeUndefined();
  });

  it("is somebody else's by the clock of the first prepay, not of the last", () => {
    const abandoned: OrderEvent = { type: 'prepayAbandoned', outTradeNo: FIRST };
    const [first, again] = refused('conflict', { earlierUnknown: true });
    if (first === undefined || again === undefined) throw new Error('no prepay');
    const begun = transition(transition(anOrder(), first, START_MS), abandoned, START_MS);
    const later = [first, again].reduce((folded, event) => transition(folded, event, START_MS + 30 * MINUTE), begun);
    expect(flat(after(later, paid({ successAtMs: START_MS + 29 * MINUTE })))).toMatchObject({ state: 'paid' });
    expect(flat(after(later, paid(early)))).toMatchObject({ reviewReason: 'number_in_use' });
  });

  it.each([
    ['a second before it left', { successAtMs: START_MS - 1_000 }],
    ['nobody knows when', { successAtMs: null }],
    ['and another sum', { totalFen: fen(1_300) }],
    ['to another appid', { appid: 'wx0000000000000000' }],
    ['in another currency', { currency: 'HKD' }],
  ])("is somebody else's, %s", (_name, said) => {
    const state = after(unknown, paid(said));
    expect(flat(state)).toMatchObject({ state: 'review', reviewReason: 'number_in_use', paidFen: 0 });
    expect(flat(after(state, resolving('accept'), paid(said)))).toMatchObject({
      state: 'review',
      resolution: 'not_ours',
    });
  });

  it('is ours if it came in the second in which the prepay left', () => {
    expect(flat(after(unknown, paid({ successAtMs: START_MS })))).toMatchObject({ state: 'paid', paidAttempt: FIRST });
  });

  it('is ours whatever its time once a code was handed out, since nobody gets one for a number that is paid', () => {
    expect(flat(after(after(anOrder(), ...opened()), paid({ successAtMs: 0 })))).toMatchObject({ state: 'paid' });
  });
});

describe('a number that WeChat Pay says was opened with other parameters, after a prepay of ours of unknown outcome', () => {
  const begun = after(
    anOrder(),
    { type: 'prepayStarted', outTradeNo: FIRST },
    { type: 'prepayAbandoned', outTradeNo: FIRST },
  );
  const taken = after(begun, ...refused('taken'));

  it("is not ours: paid, it is no money of this order's", () => {
    expect(flat(after(taken, paid()))).toMatchObject({ state: 'review', reviewReason: 'number_in_use', paidFen: 0 });
  });

  it('is not ours: unpaid, it is left alone, and the next number opened', () => {
    const state = after(taken, answered({ kind: 'notPaid' }));
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({ state: 'failed', foreign: true });
    expect(stepOf(state)).toEqual({ kind: 'nextNumber', after: FIRST });
  });

  it('stays ours if a code of it was handed out', () => {
    const state = after(after(anOrder(), ...opened()), ...refused('taken'));
    expect(flat(after(state, paid()))).toMatchObject({ state: 'paid', paidAttempt: FIRST });
  });
});

describe('a code of ours whose answer was lost', () => {
  it.each([
    ['an earlier try of the call', after(anOrder(), ...refused('conflict', { earlierUnknown: true }))],
    [
      'a prepay that was given up',
      after(
        anOrder(),
        { type: 'prepayStarted', outTradeNo: FIRST },
        { type: 'prepayAbandoned', outTradeNo: FIRST },
        ...refused(),
      ),
    ],
  ])('after %s is paid like any other when it is paid', (_name, state) => {
    expect(flat(after(state, paid()))).toMatchObject({ state: 'paid', paidAttempt: FIRST });
  });

  it('is closed, since nobody can pay it here, and the next number opened', () => {
    const lost = after(anOrder(), ...refused('conflict', { earlierUnknown: true }), answered({ kind: 'notPaid' }));
    expect(stepOf(lost)).toEqual({ kind: 'close', outTradeNo: FIRST });
    const closed = after(
      lost,
      { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
      answered({ kind: 'closed' }),
    );
    expect(stepOf(closed)).toEqual({ kind: 'nextNumber', after: FIRST });
    const open = after(closed, reserved, ...opened(SECOND));
    expect(flat(open).state).toBe('awaitingPayment');
    // What was paid in flight is ours all the same.
    expect(
      flatAttempt(after(open, paid({ transactionId: '42-second' }, SECOND), paid()).attempts[0])?.back,
    ).toMatchObject({
      cause: 'second_payment',
    });
  });

  it('and one that WeChat Pay will not renew is closed and replaced as well', () => {
    const again: OrderEvent = {
      type: 'attemptRequested',
      outTradeNo: FIRST,
      product: 'native',
      appid: aTrade().appid,
      reenter: true,
    };
    const state = after(after(anOrder(), ...opened()), again, ...refused(), answered({ kind: 'notPaid' }));
    expect(stepOf(state)).toEqual({ kind: 'close', outTradeNo: FIRST });
  });

  it('that is not there after all is asked about twice and replaced', () => {
    const once = after(anOrder(), ...refused('conflict', { earlierUnknown: true }), answered({ kind: 'notExist' }));
    const twice = written(transition(once, answered({ kind: 'notExist' }), START_MS + 32_000));
    expect(nextStep(twice, START_MS + 32_000)).toEqual({ kind: 'nextNumber', after: FIRST });
    expect(flatAttempt(attemptOf(twice, FIRST))).toMatchObject({ state: 'failed', foreign: false });
  });
});
