import { describe, expect, it } from 'vitest';
import { factsOfRecord } from '../../../src/domain/order/loaded.js';
import { nextStep } from '../../../src/domain/order/next-step.js';
import type { OrderRecord } from '../../../src/domain/order/record.js';
import { attemptOf } from '../../../src/domain/order/state.js';
import { transition } from '../../../src/domain/order/transition.js';
import { after, anEvidence, anOrder, answered, fen, FIRST, opened, paid, SECOND, START_MS } from './fixtures.js';
import { aRow, openRow } from './rows.js';

const load = (row: OrderRecord, loading: 'facts' | 'all' = 'facts') =>
  transition({ ...anOrder(), attempts: [], loading }, { type: 'loaded', facts: factsOfRecord(row) }, START_MS);

describe('an order read back from its row', () => {
  it('opens the attempt that was never sent', () => {
    expect(nextStep(load(aRow()), START_MS)).toEqual({ kind: 'prepay', outTradeNo: FIRST });
  });

  it('sends a prepay again that was under way, and remembers that it may have happened', () => {
    const state = load(aRow({}, [{ prepayStartedAt: new Date(START_MS) }]));
    expect(attemptOf(state, FIRST)).toMatchObject({ wantsCode: true, prepayUnknown: true });
    expect(nextStep(state, START_MS)).toEqual({ kind: 'prepay', outTradeNo: FIRST });
  });

  it('leaves an attempt alone that was reserved and never asked for', () => {
    const state = load(aRow({ state: 'awaitingPayment' }, [openRow, {}]));
    expect(nextStep(state, START_MS)).toMatchObject({ kind: 'wait' });
  });

  it('waits on for the open attempt', () => {
    const state = load(aRow({ state: 'awaitingPayment' }, [openRow]));
    expect(nextStep(state, START_MS + 1)).toEqual({ kind: 'wait', untilMs: START_MS + 60_000, poll: null });
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
    expect(surplus.stuckReason).toBe('review');
    expect(nextStep(surplus, START_MS)).toMatchObject({ kind: 'wait' });
  });
});

describe('an order that finds Postgres further on', () => {
  it('asks WeChat Pay again and keeps the evidence it was looking into', () => {
    const doubted = after(anOrder(), ...opened(), { type: 'evidence', evidence: anEvidence() });
    const behind = transition(doubted, { type: 'overtaken' }, START_MS);
    expect(nextStep(behind, START_MS)).toEqual({ kind: 'load' });
    const closed = aRow({ state: 'closed', closedReason: 'expired' }, [{ ...openRow, state: 'closed' }]);
    const state = transition(behind, { type: 'loaded', facts: factsOfRecord(closed) }, START_MS);
    expect(state).toMatchObject({ state: 'closed', loading: 'none' });
    expect(attemptOf(state, FIRST)?.doubt).not.toBeNull();
    const late = after(state, paid());
    expect(late).toMatchObject({ state: 'closed', closedReason: 'expired' });
    expect(nextStep(late, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'late_payment' });
  });

  it('drops doubt about money that is settled there', () => {
    const doubted = after(anOrder(), ...opened(), { type: 'evidence', evidence: anEvidence() });
    const settled = { ...openRow, state: 'succeeded', transactionId: '4200000001', paidFen: fen(1200) } as const;
    const row = aRow({ state: 'paid', paidAttempt: FIRST, paidFen: fen(1200), paidAt: new Date(START_MS) }, [settled]);
    const behind = transition(doubted, { type: 'overtaken' }, START_MS);
    const state = transition(behind, { type: 'loaded', facts: factsOfRecord(row) }, START_MS);
    expect(attemptOf(state, FIRST)?.doubt).toBeNull();
  });

  it('forgets that it was ending when the row has ended', () => {
    const ending = after(anOrder(), ...opened(), { type: 'closeRequested' }, { type: 'overtaken' });
    const closed = aRow({ state: 'closed', closedReason: 'expired' }, [{ ...openRow, state: 'closed' }]);
    expect(transition(ending, { type: 'loaded', facts: factsOfRecord(closed) }, START_MS).ending).toBeNull();
    const waiting = aRow({ state: 'awaitingPayment' }, [openRow]);
    expect(transition(ending, { type: 'loaded', facts: factsOfRecord(waiting) }, START_MS).ending).toBe('cancelled');
  });
});

describe('evidence about an attempt the workflow does not know', () => {
  const evidence = anEvidence({ outTradeNo: SECOND, transactionId: '42-second' });
  const state = after(anOrder(), ...opened(), { type: 'evidence', evidence });

  it('is looked into once the row tells of it', () => {
    expect(nextStep(state, START_MS)).toEqual({ kind: 'load' });
    const row = aRow({ state: 'awaitingPayment' }, [{ ...openRow, state: 'closed' }, openRow]);
    const known = transition(state, { type: 'loaded', facts: factsOfRecord(row) }, START_MS);
    expect(nextStep(known, START_MS)).toEqual({ kind: 'query', outTradeNo: SECOND });
  });

  it('goes to a person when the row knows nothing of it either', () => {
    const row = aRow({ state: 'awaitingPayment' }, [openRow]);
    const unknown = transition(state, { type: 'loaded', facts: factsOfRecord(row) }, START_MS);
    expect(unknown.stuckReason).toBe('review');
    expect(after(unknown, answered({ kind: 'notPaid' })).stuckReason).toBe('review');
  });
});
