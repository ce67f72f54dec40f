import { describe, expect, it } from 'vitest';
import { must } from '../../orders/rules/fixtures.js';
import { fen, ORDER_NO, SECOND, START_MS } from '../../orders/rules/fixtures.js';
import { parseOrderNo, parseRefundNo } from '../../../src/base/ids.js';
import { nextRefundStep } from '../../../src/refunds/rules/next-step.js';
import { refundProjectionOf } from '../../../src/refunds/rules/state.js';
import { refundTransition } from '../../../src/refunds/rules/transition.js';
import {
  accepted,
  applied,
  aRefund,
  aStoredRefund,
  found,
  missing,
  queried,
  refundAfter,
  refundProjected,
  refundWritten,
  resolving,
} from './fixtures.js';
import { flatRefund } from './flat.js';

const REFUSED = { kind: 'refused', code: 'USER_ACCOUNT_ABNORMAL' } as const;
const CONFLICT = { kind: 'conflict', code: 'INVALID_REQUEST' } as const;
const UNKNOWN_STATUS = queried({ kind: 'unrecognised', status: 'NEW' });
const GAP_MS = 30_000;
const stepOf = (state: Parameters<typeof nextRefundStep>[0], nowMs = START_MS) => nextRefundStep(state, nowMs);

describe('a refund that WeChat Pay takes', () => {
  it('is processing, and keeps the number WeChat Pay gave it', () => {
    const state = refundAfter(aRefund(), accepted());
    expect(flatRefund(state)).toMatchObject({ state: 'processing', refundId: '50000001', acceptedAtMs: START_MS });
  });

  it.each(['succeeded', 'closed', 'abnormal'] as const)('may be %s at once', (status) => {
    expect(flatRefund(refundAfter(aRefund(), accepted({ status }))).state).toBe(status);
  });

  it('has succeeded when WeChat Pay says so, or now when it does not say when', () => {
    const at = refundAfter(aRefund(), accepted(), found({ status: 'succeeded', successAtMs: START_MS - 5_000 }));
    expect(flatRefund(at)).toMatchObject({ state: 'succeeded', succeededAtMs: START_MS - 5_000 });
    expect(flatRefund(refundAfter(aRefund(), found({ status: 'succeeded' }))).succeededAtMs).toBe(START_MS);
  });

  it.each(['succeeded', 'closed'] as const)(
    'and is %s is not moved by a late "processing", or anything else',
    (end) => {
      const ended = refundAfter(aRefund(), accepted(), found({ status: end }));
      for (const status of ['processing', 'abnormal', 'succeeded', 'closed'] as const) {
        expect(flatRefund(refundAfter(ended, found({ status })))).toMatchObject({
          state: end,
          succeededAtMs: flatRefund(ended).succeededAtMs,
        });
      }
    },
  );

  it('moves on a query, never on a notify alone', () => {
    const state = refundAfter(refundAfter(aRefund(), accepted()), { type: 'evidence' });
    expect(flatRefund(state).state).toBe('processing');
    expect(stepOf(state)).toEqual({ kind: 'query' });
    expect(flatRefund(refundAfter(state, found({ status: 'succeeded' })))).toMatchObject({
      state: 'succeeded',
      ask: null,
    });
  });

  it('is asked about once while that is said again, and anew when no try can be under way any more', () => {
    const processing = refundAfter(aRefund(), accepted());
    const said = (state: typeof processing, type: 'evidence' | 'asked', atMs: number) =>
      refundTransition(state, { type }, START_MS + atMs);
    const asked = said(processing, 'asked', 0);
    for (const type of ['evidence', 'asked'] as const) expect(said(asked, type, 14_999)).toBe(asked);
    const anew = said(asked, 'asked', 15_000);
    expect(flatRefund(anew)).toMatchObject({ ask: 'evidence', reason: 'person', nextAskMs: START_MS + 15_000 });
    expect(said(anew, 'asked', 29_999)).toBe(anew);
  });

  it('and is over is not asked about because of a notify', () => {
    const ended = refundAfter(aRefund(), accepted({ status: 'succeeded' }));
    expect(refundAfter(ended, { type: 'evidence' })).toEqual(ended);
  });
});

describe('a refund that WeChat Pay refuses', () => {
  it.each([REFUSED, CONFLICT])('is rejected only after a query shows none: $kind', (answer) => {
    const refused = refundAfter(aRefund(), applied(answer));
    expect(flatRefund(refused)).toMatchObject({ state: 'requested', refusalCode: answer.code });
    expect(stepOf(refused)).toEqual({ kind: 'query' });
    expect(flatRefund(refundAfter(refused, missing))).toMatchObject({ state: 'rejected' });
  });

  it.each(['processing', 'succeeded', 'abnormal', 'closed'] as const)(
    'and is there all the same is what the query says: %s',
    (status) => {
      expect(flatRefund(refundAfter(aRefund(), applied(CONFLICT), found({ status })))).toMatchObject({
        state: status,
        refused: false,
      });
    },
  );

  it('after an apply of unknown outcome needs two queries, 30 s apart', () => {
    const first = refundTransition(refundAfter(aRefund(), applied(REFUSED, true)), missing, START_MS);
    expect(flatRefund(first).state).toBe('requested');
    expect(stepOf(first)).toEqual({ kind: 'wait', untilMs: START_MS + GAP_MS, poll: null });
    expect(stepOf(first, START_MS + GAP_MS)).toEqual({ kind: 'query' });
    const early = refundTransition(first, missing, START_MS + GAP_MS - 1);
    expect(flatRefund(early).state).toBe('requested');
    expect(flatRefund(refundTransition(early, missing, START_MS + GAP_MS)).state).toBe('rejected');
  });

  it('after an apply that left before a crash needs two queries as well', () => {
    const state = refundAfter(aRefund({ appliedAt: new Date(START_MS) }), applied(REFUSED));
    expect(flatRefund(refundAfter(state, missing)).state).toBe('requested');
  });

  it('is found between the two queries', () => {
    const state = refundAfter(aRefund(), applied(REFUSED, true), missing, found());
    expect(flatRefund(state)).toMatchObject({ state: 'processing', ask: null });
  });

  it('is asked about again, later, while WeChat Pay says what nobody understands', () => {
    const state = refundAfter(aRefund(), applied(REFUSED), UNKNOWN_STATUS);
    expect(flatRefund(state).state).toBe('requested');
    expect(stepOf(state)).toEqual({ kind: 'wait', untilMs: START_MS + GAP_MS, poll: null });
  });

  it('keeps its question when a notify comes in between', () => {
    const state = refundAfter(aRefund(), applied(REFUSED), { type: 'evidence' });
    expect(flatRefund(refundAfter(state, missing)).state).toBe('rejected');
  });
});

describe('a refund of which a query shows nothing', () => {
  it('is sent again when nobody refused it: the same number', () => {
    const state = refundAfter(aRefund(), { type: 'evidence' }, missing);
    expect(flatRefund(state).state).toBe('requested');
    expect(stepOf(state)).toEqual({ kind: 'apply' });
  });

  it('stays what it was once WeChat Pay had it', () => {
    for (const status of ['processing', 'abnormal'] as const) {
      const state = refundAfter(aRefund(), accepted({ status }), { type: 'evidence' }, missing);
      expect(flatRefund(state).state).toBe(status);
      expect(stepOf(state)?.kind).toBe('wait');
    }
  });
});

describe('a refund that WeChat Pay knows with other terms', () => {
  it.each(['processing', 'abnormal'] as const)(
    "is held for a person, once it is %s and has another number of WeChat Pay's",
    (status) => {
      const known = refundAfter(aRefund(), accepted({ status }));
      for (const other of ['succeeded', 'processing'] as const) {
        const state = refundAfter(known, { type: 'evidence' }, found({ refundId: '50000099', status: other }));
        expect(flatRefund(state)).toMatchObject({ state: status, mismatched: true, refundId: '50000001' });
        expect(refundProjectionOf(state).trouble).toBe('refund_failed');
      }
    },
  );

  it.each([{ refundFen: fen(1) }, { outTradeNo: SECOND }])('is held for a person: %o', (fields) => {
    for (const event of [accepted({ ...fields, status: 'succeeded' }), found({ ...fields, status: 'closed' })]) {
      const state = refundAfter(aRefund(), event);
      expect(flatRefund(state)).toMatchObject({ state: 'requested', mismatched: true, refundId: null });
      expect(refundProjectionOf(state).trouble).toBe('refund_failed');
      expect(stepOf(state, START_MS + 86_400_000)).toEqual({ kind: 'wait', untilMs: null, poll: null });
    }
  });

  it('is still held when its workflow is lost, and is asked about when a notify comes', () => {
    const state = aRefund({ trouble: 'refund_failed' });
    expect(stepOf(state)).toEqual({ kind: 'wait', untilMs: null, poll: null });
    expect(stepOf(refundAfter(state, { type: 'evidence' }))).toEqual({ kind: 'query' });
  });
});

describe('a refund whose number a person enters as that of one that somebody else made', () => {
  const entered = { type: 'entered', orderNo: ORDER_NO } as const;
  const held = refundAfter(aRefund(), found({ refundFen: fen(1) }));
  const theirs = { cause: 'external', amountFen: fen(1), state: 'processing', refundId: '50000001' } as const;

  it('is booked, whatever it does, and then follows its row', () => {
    for (const state of [aRefund(), held, refundAfter(aRefund(), accepted())]) {
      const asked = refundAfter(state, entered);
      expect(stepOf(asked)).toEqual({ kind: 'book' });
      const booked = refundAfter(asked, { type: 'booked', stored: aStoredRefund(theirs) });
      expect(flatRefund(booked)).toMatchObject({ ...theirs, mismatched: false, entered: false, changed: false });
      expect(stepOf(booked)).toEqual({ kind: 'query' });
    }
  });

  it('is booked also after it was rejected', () => {
    const rejected = refundAfter(aRefund(), applied(REFUSED), missing);
    expect(stepOf(refundAfter(rejected, entered))).toEqual({ kind: 'book' });
  });

  it('keeps the decision of a person that is being asked', () => {
    const asked = refundAfter(aRefund(), accepted({ status: 'abnormal' }), resolving('paidOffline'), entered);
    const booked = refundAfter(asked, { type: 'booked', stored: aStoredRefund(theirs) });
    expect(flatRefund(booked).resolving).toBe('paidOffline');
  });

  it('stays as it is where it succeeded, is booked so, or is entered at another order', () => {
    const succeeded = refundAfter(aRefund(), accepted({ status: 'succeeded' }));
    for (const state of [succeeded, aRefund(theirs)]) expect(refundAfter(state, entered)).toEqual(state);
    expect(refundAfter(held, { ...entered, orderNo: must(parseOrderNo('B-10001')) })).toEqual(held);
  });

  it('is asked about again where WeChat Pay knows no such refund of its order', () => {
    const booked = refundAfter(held, entered, { type: 'booked', stored: null });
    expect(flatRefund(booked)).toMatchObject({ entered: false, reason: 'person' });
    expect(stepOf(booked)).toEqual({ kind: 'query' });
  });
});

describe('a refund whose number WeChat Pay knows as that of another payment', () => {
  const elsewhere = queried({ kind: 'otherPayment' });

  it('is rejected while it is only asked for: under this number none of its money moves', () => {
    for (const before of [
      aRefund(),
      refundAfter(aRefund(), applied(CONFLICT)),
      aRefund({ trouble: 'refund_failed' }),
    ]) {
      const state = refundAfter(before, { type: 'evidence' }, elsewhere);
      expect(flatRefund(state)).toMatchObject({ state: 'rejected', changed: false });
      expect(refundProjectionOf(state).trouble).toBeNull();
    }
  });

  it.each(['processing', 'abnormal'] as const)(
    'is held for a person where it is %s, and ends once one compared',
    (status) => {
      const held = refundAfter(aRefund(), accepted({ status }), { type: 'evidence' }, elsewhere);
      expect(flatRefund(held)).toMatchObject({ state: status, mismatched: true });
      expect(flatRefund(refundAfter(held, { type: 'asked' }, elsewhere)).state).toBe('closed');
    },
  );

  it("stays what it was once it is over, and PaySaga's own can be issued again", () => {
    const rejected = refundAfter(aRefund(), { type: 'evidence' }, elsewhere);
    const asked = refundAfter(rejected, resolving('reissue'), elsewhere);
    expect(stepOf(asked)).toEqual({ kind: 'reissue' });
    const succeeded = refundAfter(aRefund(), accepted({ status: 'succeeded' }));
    expect(flatRefund(refundTransition(succeeded, elsewhere, START_MS)).state).toBe('succeeded');
  });
});

describe('an abnormal refund', () => {
  const abnormal = refundAfter(aRefund(), accepted({ status: 'abnormal' }));
  const asked = (action: 'abnormalRefund' | 'paidOffline' | 'reissue') => refundAfter(abnormal, resolving(action));

  it('is sent to the merchant card only when a query still calls it abnormal', () => {
    expect(stepOf(asked('abnormalRefund'))).toEqual({ kind: 'query' });
    const confirmed = refundAfter(asked('abnormalRefund'), found({ status: 'abnormal' }));
    expect(flatRefund(confirmed)).toMatchObject({ resolving: null, resolution: null });
    expect(stepOf(confirmed)).toEqual({ kind: 'abnormalRefund' });
    const answer = { kind: 'accepted', refund: { ...factOf('processing') } } as const;
    const sent = refundAfter(confirmed, { type: 'abnormalRefundAnswered', answer });
    expect(flatRefund(sent)).toMatchObject({ state: 'processing', resolution: 'resolved', task: null });
    expect(flatRefund(refundAfter(sent, found({ status: 'succeeded' })))).toMatchObject({
      state: 'succeeded',
      offline: false,
    });
  });

  it.each(['refused', 'conflict'] as const)('that WeChat Pay does not send (%s) stays abnormal', (kind) => {
    const confirmed = refundAfter(asked('abnormalRefund'), found({ status: 'abnormal' }));
    const state = refundAfter(confirmed, { type: 'abnormalRefundAnswered', answer: { kind, code: 'PARAM_ERROR' } });
    expect(flatRefund(state)).toMatchObject({ state: 'abnormal', resolution: 'refused', task: null });
    expect(stepOf(state)?.kind).toBe('wait');
  });

  it('was paid offline when a person says so and WeChat Pay still calls it abnormal', () => {
    const state = refundAfter(asked('paidOffline'), found({ status: 'abnormal' }));
    expect(flatRefund(state)).toMatchObject({
      state: 'succeeded',
      offline: true,
      succeededAtMs: START_MS,
      resolution: 'resolved',
    });
    expect(stepOf(state)).toBeUndefined();
  });

  it.each(['abnormalRefund', 'paidOffline'] as const)('that changed meanwhile is not decided by %s', (action) => {
    for (const status of ['processing', 'succeeded', 'closed'] as const) {
      const state = refundAfter(asked(action), found({ status }));
      expect(flatRefund(state)).toMatchObject({ state: status, offline: false, task: null, resolution: 'unconfirmed' });
    }
    for (const event of [missing, UNKNOWN_STATUS]) {
      const state = refundAfter(asked(action), event);
      expect(flatRefund(state)).toMatchObject({
        state: 'abnormal',
        offline: false,
        task: null,
        resolution: 'unconfirmed',
      });
    }
  });

  it('is not issued again', () => {
    expect(flatRefund(asked('reissue'))).toMatchObject({ resolution: 'not_applicable', resolving: null });
  });

  it('keeps the second of two questions, the one of a person', () => {
    const state = refundAfter(abnormal, { type: 'evidence' }, resolving('paidOffline'), { type: 'evidence' });
    expect(flatRefund(refundAfter(state, found({ status: 'abnormal' }))).state).toBe('succeeded');
  });
});

describe('a refund that came to nothing', () => {
  const rejected = refundAfter(aRefund(), applied(REFUSED), missing);
  const closed = refundAfter(aRefund(), accepted({ status: 'closed' }));

  const DECISIONS = ['reissue', 'paidOffline'] as const;

  it.each(
    DECISIONS.flatMap((action) => [
      ['rejected, and WeChat Pay does not know it', rejected, missing, action] as const,
      ['closed, and WeChat Pay says so', closed, found({ status: 'closed' }), action] as const,
    ]),
  )('gets its successor when it is %s (%4$s)', (_name, state, answer, action) => {
    const asked = refundAfter(state, resolving(action));
    expect(stepOf(asked)).toEqual({ kind: 'query' });
    const confirmed = refundAfter(asked, answer);
    expect(stepOf(confirmed)).toEqual({ kind: action });
    const issued = refundAfter(confirmed, { type: 'reissued', outcome: 'resolved' });
    expect(flatRefund(issued)).toMatchObject({ state: flatRefund(state).state, resolution: 'resolved' });
    expect(stepOf(issued)).toBeUndefined();
  });

  it.each([
    ['is on its way', found()],
    ['has succeeded', found({ status: 'succeeded' })],
    ['is abnormal', found({ status: 'abnormal' })],
    ['is something nobody understands', UNKNOWN_STATUS],
  ])('is neither issued again nor taken as paid offline when WeChat Pay says that it %s', (_name, answer) => {
    for (const action of DECISIONS) {
      const state = refundAfter(rejected, resolving(action), answer);
      expect(flatRefund(state)).toMatchObject({ state: 'rejected', task: null, resolution: 'unconfirmed' });
      expect(stepOf(state)).toBeUndefined();
    }
  });

  it("of the shop's own is not issued again", () => {
    const outRefundNo = must(parseRefundNo('R-1'));
    const shops = refundAfter(aRefund({ outRefundNo, cause: 'shop' }), applied(REFUSED), missing);
    expect(refundAfter(shops, resolving('reissue'))).toEqual({
      ...shops,
      decision: { kind: 'made', outcome: 'not_allowed' },
    });
    expect(flatRefund(refundAfter(shops, resolving('paidOffline'))).resolution).toBe('not_applicable');
  });

  it('is asked about at once when a person decides, whatever it waited for before', () => {
    const late = refundAfter(aRefund(), applied(REFUSED, true), missing, found({ status: 'closed' }));
    expect(stepOf(refundAfter(late, resolving('reissue')))).toEqual({ kind: 'query' });
  });

  it('is not sent to a card', () => {
    expect(refundAfter(rejected, resolving('abnormalRefund'))).toEqual({
      ...rejected,
      decision: { kind: 'made', outcome: 'not_applicable' },
    });
  });
});

describe('a refund that is under way', () => {
  it.each(['abnormalRefund', 'reissue', 'paidOffline'] as const)('is not for a person yet: %s', (action) => {
    for (const state of [aRefund(), refundAfter(aRefund(), accepted())]) {
      expect(refundAfter(state, resolving(action))).toEqual({
        ...state,
        decision: { kind: 'made', outcome: 'not_applicable' },
      });
    }
  });
});

describe('what was written to Postgres', () => {
  const events = [{ id: 'event-1', type: 'refund.succeeded', tried: false }] as const;
  const told = { type: 'told', event: events[0] } as const;

  it('is not taken for what was learnt meanwhile', () => {
    const learnt = refundTransition(aRefund(), accepted(), START_MS);
    expect(flatRefund(learnt).changed).toBe(true);
    expect(flatRefund(refundTransition(learnt, refundProjected(aRefund()), START_MS)).changed).toBe(true);
    expect(flatRefund(refundTransition(learnt, refundProjected(learnt), START_MS)).changed).toBe(false);
  });

  it('changes for readers when trouble comes and goes', () => {
    const state = refundTransition(aRefund(), { type: 'troubled', reason: 'merchant_balance' }, START_MS);
    expect(flatRefund(state).changed).toBe(true);
    expect(flatRefund(refundTransition(refundWritten(state), { type: 'recovered' }, START_MS))).toMatchObject({
      trouble: null,
      changed: true,
    });
    expect(flatRefund(refundAfter(refundWritten(state), accepted())).trouble).toBeNull();
    expect(flatRefund(refundAfter(refundWritten(state), UNKNOWN_STATUS)).trouble).toBeNull();
  });

  it('tells the shop once, also when it is written again', () => {
    const ended = refundAfter(aRefund(), accepted({ status: 'succeeded' }));
    const emitted = refundTransition(ended, refundProjected(ended, events), START_MS);
    expect(stepOf(emitted)).toEqual({ kind: 'tell', event: events[0] });
    const done = refundTransition(emitted, told, START_MS);
    expect(stepOf(done)).toBeUndefined();
    expect(stepOf(refundTransition(done, refundProjected(done, events), START_MS))).toBeUndefined();
  });

  it('that stands further on is taken over, and WeChat Pay is asked', () => {
    const stale = refundTransition(refundTransition(aRefund(), accepted(), START_MS), told, START_MS);
    const state = refundTransition(
      stale,
      { type: 'overtaken', stored: aStoredRefund({ state: 'abnormal' }) },
      START_MS,
    );
    expect(flatRefund(state)).toMatchObject({
      state: 'abnormal',
      ask: 'evidence',
      changed: false,
      handed: ['event-1'],
    });
  });
});

function factOf(status: 'processing') {
  const event = found({ status });
  if (event.type !== 'refundQueried' || event.answer.kind !== 'found') throw new Error('no fact');
  return event.answer.refund;
}
