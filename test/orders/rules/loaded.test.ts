import { describe, expect, it } from 'vitest';
import { parseRefundNo, returnNoOf, type OutTradeNo } from '../../../src/base/ids.js';
import type { Policy } from '../../../src/orders/rules/policy.js';
import type { RefundRecord } from '../../../src/refunds/rules/record.js';
import type { RefundCause } from '../../../src/refunds/rules/states.js';
import { aRefundRow } from '../../refunds/rules/fixtures.js';
import { fulfils, toDeliver } from './orders.js';
import { firstPollMs, paceOf } from '../../../src/orders/rules/schedules.js';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import type { OrderRecord } from '../../../src/orders/rules/record.js';
import { attemptOf } from '../../../src/orders/rules/state.js';
import { transition } from '../../../src/orders/rules/transition.js';
import {
  after,
  anEvidence,
  anOrder,
  aTrade,
  answered,
  fen,
  FIRST,
  must,
  opened,
  paid,
  SECOND,
  START_MS,
  written,
} from './fixtures.js';
import { aRow, loaded, openRow } from './rows.js';
import { flat, flatAttempt } from './flat.js';

const POLICY: Policy = { latePayment: 'refund', ...fulfils() };

const load = (row: OrderRecord, loading: 'facts' | 'all' = 'facts') =>
  transition({ ...anOrder(), attempts: [], loading }, loaded(row), START_MS);

describe('an order read back from its row', () => {
  it('opens the attempt that was never sent', () => {
    expect(nextStep(load(aRow()), START_MS)).toEqual({ kind: 'prepay', outTradeNo: FIRST });
  });

  it('sends a prepay again that was under way, and remembers that it may have happened', () => {
    const state = load(aRow({}, [{ prepayUnknown: true, prepayStartedAt: new Date(START_MS) }]));
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({ wantsCode: true, prepayUnknown: true });
    expect(nextStep(state, START_MS)).toEqual({ kind: 'prepay', outTradeNo: FIRST });
  });

  it('leaves an attempt alone that was reserved and never asked for', () => {
    const state = load(aRow({ state: 'awaitingPayment' }, [openRow, {}]));
    expect(nextStep(state, START_MS)).toMatchObject({ kind: 'wait' });
  });

  it('waits on for the open attempt', () => {
    const state = load(aRow({ state: 'awaitingPayment' }, [openRow]));
    const untilMs = firstPollMs(START_MS, paceOf(FIRST));
    expect(nextStep(state, START_MS + 1)).toEqual({ kind: 'wait', untilMs, poll: null });
  });

  it('asks about everything unsettled when it is rechecked', () => {
    const state = load(aRow({ state: 'awaitingPayment' }, [openRow]), 'all');
    expect(nextStep(state, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });

  it('asks about what is paid when it is rechecked, since its money may have gone back without PaySaga', () => {
    const money = { ...openRow, state: 'succeeded', transactionId: '4200000001', paidFen: fen(1200) } as const;
    const row = aRow({ state: 'paid', paidAttempt: FIRST, paidFen: fen(1200), paidAt: new Date(START_MS) }, [money]);
    expect(nextStep(load(row, 'all'), START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });

  it('has nothing to do once it is paid, and stays open for money that a person has to decide on', () => {
    const money = { state: 'succeeded', transactionId: '4200000001', paidFen: fen(1200), codeGiven: true } as const;
    const row = { state: 'paid', paidAttempt: FIRST, paidFen: fen(1200), paidAt: new Date(START_MS) } as const;
    expect(nextStep(load(aRow(row, [money])), START_MS)).toBeUndefined();
    const surplus = load(aRow({ ...row, ownStuckReason: 'review' }, [money]));
    expect(flat(surplus).stuckReason).toBe('review');
    expect(nextStep(surplus, START_MS)).toMatchObject({ kind: 'wait' });
  });
});

describe('an order that finds Postgres further on', () => {
  it('asks WeChat Pay again and keeps the evidence it was looking into', () => {
    const doubted = after(anOrder(), ...opened(), { type: 'evidence', evidence: anEvidence() });
    const behind = transition(doubted, { type: 'overtaken' }, START_MS);
    expect(nextStep(behind, START_MS)).toEqual({ kind: 'load' });
    const closed = aRow({ state: 'closed', closedReason: 'expired' }, [{ ...openRow, state: 'closed' }]);
    const state = transition(behind, loaded(closed), START_MS);
    expect(flat(state)).toMatchObject({ state: 'closed', loading: 'none' });
    expect(attemptOf(state, FIRST)?.doubt).not.toBeNull();
    const late = after(state, paid());
    expect(flat(late)).toMatchObject({ state: 'closed', closedReason: 'expired' });
    expect(nextStep(late, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'late_payment' });
  });

  it('drops doubt about money that is settled there', () => {
    const doubted = after(anOrder(), ...opened(), { type: 'evidence', evidence: anEvidence() });
    const settled = { ...openRow, state: 'succeeded', transactionId: '4200000001', paidFen: fen(1200) } as const;
    const row = aRow({ state: 'paid', paidAttempt: FIRST, paidFen: fen(1200), paidAt: new Date(START_MS) }, [settled]);
    const behind = transition(doubted, { type: 'overtaken' }, START_MS);
    const state = transition(behind, loaded(row), START_MS);
    expect(attemptOf(state, FIRST)?.doubt).toBeNull();
  });

  it('forgets that it was ending when the row has ended', () => {
    const ending = after(anOrder(), ...opened(), { type: 'closeRequested' }, { type: 'overtaken' });
    const closed = aRow({ state: 'closed', closedReason: 'expired' }, [{ ...openRow, state: 'closed' }]);
    expect(flat(transition(ending, loaded(closed), START_MS)).ending).toBeNull();
    const waiting = aRow({ state: 'awaitingPayment' }, [openRow]);
    expect(flat(transition(ending, loaded(waiting), START_MS)).ending).toBe('cancelled');
  });
});

describe('an order lost while it was closing', () => {
  const closing = { state: 'awaitingPayment', ending: 'cancelled' } as const;

  it('goes on closing, with the reason it had', () => {
    const state = load(aRow(closing, [openRow]));
    expect(flat(state)).toMatchObject({ ending: 'cancelled', changed: false });
    expect(nextStep(state, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    expect(flat(after(state, answered({ kind: 'closed' })))).toMatchObject({
      state: 'closed',
      closedReason: 'cancelled',
    });
  });

  it('takes the reason of its row for its own', () => {
    const expired = after(anOrder(), ...opened(), { type: 'deadlineReached' }, { type: 'overtaken' });
    const state = transition(expired, loaded(aRow(closing, [openRow])), START_MS);
    expect(flat(state).ending).toBe('cancelled');
  });

  const review = { state: 'review', reviewReason: 'amount_mismatch', ownStuckReason: 'review' } as const;
  const money = { ...openRow, state: 'succeeded', transactionId: '42-first', paidFen: fen(900) } as const;

  it('still gives back what a person decided to give back, once WeChat Pay says that it is there', () => {
    const state = load(aRow({ ...review, ending: 'returned' }, [money]));
    expect(flat(state)).toMatchObject({ state: 'review', ending: 'returned' });
    expect(nextStep(state, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    const asked = written(after(state, paid({ totalFen: fen(900), transactionId: '42-first' })));
    expect(nextStep(asked, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'operator' });
  });

  it('gives nothing back that went back without PaySaga', () => {
    const refunded = answered({ kind: 'refunded', trade: aTrade({ totalFen: fen(900), transactionId: '42-first' }) });
    const state = after(load(aRow({ ...review, ending: 'returned' }, [money])), refunded);
    expect(flat(state)).toMatchObject({ state: 'closed', closedReason: 'returned' });
  });
});

describe('evidence about an attempt the workflow does not know', () => {
  const evidence = anEvidence({ outTradeNo: SECOND, transactionId: '42-second' });
  const state = after(anOrder(), ...opened(), { type: 'evidence', evidence });

  it('is looked into once the row tells of it', () => {
    expect(nextStep(state, START_MS)).toEqual({ kind: 'load' });
    const row = aRow({ state: 'awaitingPayment' }, [{ ...openRow, state: 'closed' }, openRow]);
    const known = transition(state, loaded(row), START_MS);
    expect(nextStep(known, START_MS)).toEqual({ kind: 'query', outTradeNo: SECOND });
  });

  it('goes to a person when the row knows nothing of it either', () => {
    const row = aRow({ state: 'awaitingPayment' }, [openRow]);
    const unknown = transition(state, loaded(row), START_MS);
    expect(flat(unknown).stuckReason).toBe('review');
    expect(flat(after(unknown, answered({ kind: 'notPaid' }))).stuckReason).toBe('review');
  });
});

const MONEY = { ...openRow, state: 'succeeded', transactionId: '42-first', paidFen: fen(1200) } as const;
const SHUT = { ...openRow, state: 'closed' } as const;
const PAID = { state: 'paid', paidAttempt: FIRST, paidFen: fen(1200), paidAt: new Date(START_MS) } as const;
const CLOSED = { state: 'closed', closedReason: 'expired', closedAt: new Date(START_MS) } as const;
const own = (outTradeNo = FIRST, fields: Partial<RefundRecord> = {}) =>
  aRefundRow({ outTradeNo, outRefundNo: returnNoOf(outTradeNo), ...fields });
const stepOf = (row: OrderRecord) => nextStep(load(row), START_MS + 1_000);

describe('an order lost while money was to go back', () => {
  it.each<readonly [string, OrderRecord, OutTradeNo, RefundCause]>([
    ['late money', aRow(CLOSED, [MONEY]), FIRST, 'late_payment'],
    ['late money of another attempt', aRow(CLOSED, [SHUT, MONEY]), SECOND, 'late_payment'],
    ['a second payment', aRow(PAID, [MONEY, MONEY]), SECOND, 'second_payment'],
    [
      'late money of an order that a person ended as returned',
      aRow({ ...CLOSED, closedReason: 'returned', refunds: [own(FIRST, { cause: 'operator' })] }, [MONEY, MONEY]),
      SECOND,
      'late_payment',
    ],
  ])('asks about it first, and then goes on with exactly that: %s', (_name, row, outTradeNo, cause) => {
    expect(stepOf(row)).toEqual({ kind: 'query', outTradeNo });
    const transactionId = flatAttempt(attemptOf(load(row), outTradeNo))?.transactionId ?? '';
    const confirmed = after(load(row), paid({ transactionId }, outTradeNo));
    expect(nextStep(confirmed, START_MS)).toEqual({ kind: 'return', outTradeNo, cause });
    expect(stepOf({ ...row, refunds: [...row.refunds, own(outTradeNo, { cause })] })).toBeUndefined();
  });

  it.each<readonly [string, OrderRecord, 'review' | null]>([
    ['an order that needs nobody', aRow(PAID, [MONEY, MONEY]), null],
    ['an order that waits for a person', aRow({ ...PAID, ownStuckReason: 'review' }, [MONEY, MONEY]), 'review'],
    ['an order that a person ended as returned', aRow({ ...CLOSED, closedReason: 'returned' }, [SHUT, MONEY]), null],
  ])('leaves money that went back elsewhere where it is: %s', (_name, row, stuckReason) => {
    const transactionId = flatAttempt(attemptOf(load(row), SECOND))?.transactionId ?? '';
    const asked = after(load(row), answered({ kind: 'refunded', trade: aTrade({ transactionId }) }, SECOND));
    expect(flat(asked)).toMatchObject({ state: row.state, stuckReason });
    expect(flatAttempt(attemptOf(asked, SECOND))?.back).toBeNull();
    expect(nextStep(asked, START_MS)?.kind).toBe(stuckReason === null ? undefined : 'wait');
  });

  it.each<readonly [string, OrderRecord, OutTradeNo, RefundCause]>([
    ['rejected goods', aRow({ ...PAID, fulfilment: 'rejected' }, [MONEY]), FIRST, 'fulfilment_rejected'],
    ['overdue goods', aRow({ ...PAID, fulfilment: 'overdue' }, [MONEY]), FIRST, 'fulfilment_overdue'],
  ])('goes on with exactly that: %s', (_name, row, outTradeNo, cause) => {
    expect(stepOf(row)).toEqual({ kind: 'return', outTradeNo, cause });
    const reserved = { ...row, refunds: [own(outTradeNo, { cause })] };
    expect(stepOf(reserved)).toBeUndefined();
    expect(flatAttempt(attemptOf(load(reserved), outTradeNo))?.back).toEqual({ cause, state: 'started' });
  });

  it('goes on with each of several payments by itself', () => {
    const rejected = aRow({ ...PAID, fulfilment: 'rejected' }, [MONEY, MONEY]);
    expect(stepOf({ ...rejected, refunds: [own(SECOND)] })).toMatchObject({ outTradeNo: FIRST });
    expect(stepOf({ ...rejected, refunds: [own(FIRST)] })).toMatchObject({ outTradeNo: SECOND });
  });

  it.each(['requested', 'processing', 'abnormal', 'succeeded', 'rejected', 'closed'] as const)(
    'leaves a refund that is %s to itself',
    (state) => {
      const refunds = [own(FIRST, { state, cause: 'late_payment' })];
      expect(stepOf(aRow({ ...CLOSED, refunds }, [MONEY]))).toBeUndefined();
    },
  );

  it("does not take the shop's own refund for it", () => {
    const refunds = [aRefundRow({ outRefundNo: must(parseRefundNo('R-1')), cause: 'shop' })];
    const row = aRow({ ...PAID, fulfilment: 'rejected', refunds }, [MONEY]);
    expect(stepOf(row)).toMatchObject({ kind: 'return', cause: 'fulfilment_rejected' });
  });

  it('gives back nothing that the order keeps', () => {
    for (const fulfilment of ['none', 'fulfilled'] as const) {
      expect(stepOf(aRow({ ...PAID, fulfilment }, [MONEY]))).toBeUndefined();
    }
    const pending = aRow({ ...PAID, fulfilment: 'pending', policy: POLICY }, [MONEY]);
    expect(stepOf(pending)).toEqual({ kind: 'wait', untilMs: null, poll: null });
  });

  it('gives nothing back twice once a person ended it as returned', () => {
    const returned = { ...CLOSED, closedReason: 'returned' } as const;
    expect(stepOf(aRow({ ...returned, refunds: [own()] }, [MONEY]))).toBeUndefined();
  });

  it('says in its row that nothing is left to do, when somebody else did it', () => {
    const row = aRow({ ...PAID, dueAt: new Date(START_MS) }, [MONEY]);
    expect(stepOf(row)).toEqual({ kind: 'project' });
    expect(nextStep(written(load(row)), START_MS)).toBeUndefined();
  });

  it('leaves money in review to a person', () => {
    const review = aRow({ state: 'review', reviewReason: 'late_payment', ownStuckReason: 'review' }, [MONEY]);
    expect(stepOf(review)).toEqual({ kind: 'wait', untilMs: null, poll: null });
    const decided = transition(load(review), { type: 'resolveRequested', action: 'return' }, START_MS);
    expect(flat(after(decided, paid({ transactionId: '42-first' })))).toMatchObject({ ending: 'returned' });
  });

  it('lets a person finish what was begun for them: what is reserved already is not given twice', () => {
    const refunds = [own(FIRST, { cause: 'operator' })];
    const review = load(aRow({ state: 'review', reviewReason: 'amount_mismatch', refunds }, [MONEY]));
    const decided = after(review, { type: 'resolveRequested', action: 'return' });
    expect(flat(decided)).toMatchObject({ state: 'closed', closedReason: 'returned', resolution: 'resolved' });
    expect(nextStep(decided, START_MS)).toBeUndefined();
  });
});

describe('an order lost while its shop had to deliver', () => {
  const pending = { ...PAID, fulfilment: 'pending', policy: POLICY } as const;
  const at = new Date(START_MS);

  it.each([
    ['was told', { status: 'delivered', deliveredAt: at }, { kind: 'told', atMs: START_MS }],
    ['was told and is told again', { status: 'pending', deliveredAt: at }, { kind: 'told', atMs: START_MS }],
    [
      'was told and could not be told again',
      { status: 'exhausted', deliveredAt: at },
      { kind: 'told', atMs: START_MS },
    ],
    ['could not be told', { status: 'exhausted', deliveredAt: null }, { kind: 'unreachable' }],
    ['has no address', { status: 'unaddressed', deliveredAt: null }, { kind: 'unaddressed' }],
    ['is being told', { status: 'pending', deliveredAt: null }, { kind: 'untold' }],
    ['is not told any more', { status: 'withdrawn', deliveredAt: null }, { kind: 'untold' }],
  ] as const)('knows that it %s', (_name, paidEvent, shop) => {
    expect(flat(load(aRow({ ...pending, paidEvent }, [MONEY]))).shop).toEqual(shop);
  });

  it('counts on from the first time it was told', () => {
    const row = aRow({ ...pending, paidEvent: { status: 'delivered', deliveredAt: at } }, [MONEY]);
    expect(nextStep(load(row), START_MS)).toMatchObject({ kind: 'wait', untilMs: START_MS + 600_000 });
    expect(nextStep(load(row), START_MS + 600_000)).toEqual({ kind: 'overdue' });
  });

  it.each(['review', 'shop_unreachable'] as const)('stays held for %s, and gives nothing back by itself', (reason) => {
    const state = load(aRow({ ...pending, fulfilment: 'overdue', ownStuckReason: reason }, [MONEY]));
    expect(flat(state)).toMatchObject({ undecided: reason, stuckReason: reason, surplus: false, changed: false });
    expect(nextStep(state, START_MS)).toEqual({ kind: 'wait', untilMs: null, poll: null });
  });

  it('is not held any more once its money is on its way back: something else waits for a person', () => {
    const row = aRow({ ...pending, fulfilment: 'overdue', ownStuckReason: 'review', refunds: [own()] }, [MONEY]);
    expect(flat(load(row))).toMatchObject({ undecided: null, surplus: true, stuckReason: 'review' });
  });

  it('is not held by trouble at the gateway', () => {
    const row = aRow({ ...pending, fulfilment: 'overdue', ownStuckReason: 'gateway_unreachable' }, [MONEY]);
    expect(nextStep(written(load(row)), START_MS)).toMatchObject({ kind: 'return', cause: 'fulfilment_overdue' });
  });
});

describe('an order that reads its row while money is to go back', () => {
  const returning = after(
    after(anOrder(), ...opened(), paid({ totalFen: fen(900), transactionId: '42-first' })),
    { type: 'resolveRequested', action: 'return' },
    paid({ totalFen: fen(900), transactionId: '42-first' }),
  );
  const row = aRow({ state: 'review', reviewReason: 'amount_mismatch', ownStuckReason: 'review' }, [
    { ...MONEY, paidFen: fen(900) },
    SHUT,
  ]);
  const orphan = anEvidence({ outTradeNo: SECOND, transactionId: '42-second' });
  const reread = (known: OrderRecord, state = returning) =>
    after(state, { type: 'evidence', evidence: orphan }, loaded(known));

  it('does not forget what a person decided about it', () => {
    const state = reread(row);
    expect(flat(state)).toMatchObject({ state: 'review', ending: 'returned' });
    const back = { cause: 'operator', state: 'wanted' };
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({ back, confirmed: 'paid' });
  });

  it('does not forget it either when the row stood further on', () => {
    const state = after(returning, { type: 'overtaken' }, loaded(row));
    expect(flatAttempt(attemptOf(state, FIRST))?.back).toEqual({ cause: 'operator', state: 'wanted' });
  });

  it('takes a refund that the row knows for begun', () => {
    const state = reread({ ...row, refunds: [own(FIRST, { cause: 'operator' })] });
    expect(flatAttempt(attemptOf(state, FIRST))?.back).toEqual({ cause: 'operator', state: 'started' });
  });

  it.each(['nothing', 'refused'] as const)('knows that it came to %s', (outcome) => {
    const twice = after(anOrder(), ...opened(), paid({ transactionId: '42-first' }));
    const requested = { type: 'fulfilmentReported', outcome: 'rejected' } as const;
    const told = after(toDeliver(twice, POLICY), requested, {
      type: 'returned',
      outTradeNo: FIRST,
      outcome,
    });
    const rejected = aRow({ ...PAID, fulfilment: 'rejected', policy: POLICY }, [MONEY, SHUT]);
    expect(flatAttempt(attemptOf(reread(rejected, told), FIRST))?.back).toEqual(
      flatAttempt(attemptOf(told, FIRST))?.back,
    );
  });

  it('does not give back money that the row does not know', () => {
    const open = aRow({ state: 'awaitingPayment' }, [openRow]);
    const state = after(returning, { type: 'overtaken' }, loaded(open));
    expect(flatAttempt(attemptOf(state, FIRST))?.back).toBeNull();
    expect(nextStep(state, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });
});
