import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../src/orders/rules/next-step.js';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import { closingDueMs } from '../../../src/orders/rules/closing.js';
import { attemptOf, type OrderState } from '../../../src/orders/rules/state.js';
import { transition } from '../../../src/orders/rules/transition.js';
import {
  after,
  anEvidence,
  aTrade,
  anOrder,
  answered,
  DEADLINE_MS,
  fen,
  FIRST,
  opened,
  paid,
  projected,
  SECOND,
  START_MS,
  written,
} from './fixtures.js';
import { flat, flatAttempt } from './flat.js';

const open = after(anOrder(), ...opened());
const close = (state: typeof open) => after(state, { type: 'closeRequested' });
const closingDueOf = (state: OrderState): number | undefined => {
  const closing = attemptOf(state, FIRST)?.closing ?? null;
  return closing === null ? undefined : closingDueMs(closing);
};
const closedOrder = () =>
  after(
    close(open),
    answered({ kind: 'notPaid' }),
    { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
    answered({ kind: 'closed' }),
  );

describe('money', () => {
  it('pays an order when a query confirms what equals it', () => {
    const state = after(open, paid());
    expect(flat(state)).toMatchObject({ state: 'paid', paidAttempt: FIRST, paidFen: 1200 });
    expect(nextStep(state, START_MS)).toBeUndefined();
  });

  it('is never believed from a notify alone', () => {
    const state = after(open, { type: 'evidence', evidence: anEvidence() });
    expect(flat(state).state).toBe('awaitingPayment');
    expect(nextStep(state, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });

  it.each([
    ['total', { totalFen: fen(1201) }],
    ['mchid', { mchid: '1900000002' }],
    ['appid', { appid: 'wxother' }],
    ['currency', { currency: 'USD' }],
  ])('that a query confirms with another %s goes to review and is recorded', (_name, fields) => {
    const state = after(open, paid(fields));
    expect(flat(state)).toMatchObject({
      state: 'review',
      reviewReason: 'amount_mismatch',
      stuckReason: 'review',
      paidFen: 0,
    });
    const paidFen = 'totalFen' in fields ? fields.totalFen : 1200;
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({ state: 'succeeded', paidFen });
  });

  it('of another trade type is refused for JSAPI, where it binds the payer, and does not count for Native', () => {
    const jsapi = after(anOrder('jsapi'), ...opened());
    expect(flat(after(jsapi, paid({ tradeType: 'NATIVE' }))).state).toBe('review');
    expect(flat(after(jsapi, paid({ tradeType: 'JSAPI' }))).state).toBe('paid');
    expect(flat(after(open, paid({ tradeType: 'APP' }))).state).toBe('paid');
  });

  it('that a notify shows with another amount goes to review, even if the query agrees with the order', () => {
    const state = after(open, { type: 'evidence', evidence: anEvidence({ totalFen: 1 }) }, paid());
    expect(flat(state)).toMatchObject({ state: 'review', reviewReason: 'amount_mismatch' });
  });

  it('whose notify names another transaction than the query goes to review', () => {
    const state = after(open, { type: 'evidence', evidence: anEvidence({ transactionId: '42000-other' }) }, paid());
    expect(flat(state)).toMatchObject({ state: 'review', reviewReason: 'amount_mismatch' });
  });

  it('settled once is settled: its notify again changes nothing', () => {
    const state = after(open, paid());
    expect(transition(state, { type: 'evidence', evidence: anEvidence() }, START_MS + 1)).toEqual(state);
  });

  it('on another attempt of a paid order leaves it paid and goes back, without a person', () => {
    const two = after(
      open,
      { type: 'attemptRequested', outTradeNo: SECOND, product: 'native', appid: 'wx1234567890', reenter: false },
      answered({ kind: 'notPaid' }),
      { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
      answered({ kind: 'closed' }),
      ...opened(SECOND),
      paid({ transactionId: '42-second' }, SECOND),
    );
    expect(flat(two)).toMatchObject({ state: 'paid', paidAttempt: SECOND });
    const evidence = anEvidence({ transactionId: '42-first' });
    const twice = after(two, { type: 'evidence', evidence }, paid({ transactionId: '42-first' }, FIRST));
    expect(flat(twice)).toMatchObject({ state: 'paid', paidAttempt: SECOND, paidFen: 1200, stuckReason: null });
    expect(flatAttempt(attemptOf(twice, FIRST))).toMatchObject({ state: 'succeeded', transactionId: '42-first' });
    expect(nextStep(twice, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'second_payment' });
    const returned = after(twice, { type: 'returned', outTradeNo: FIRST, outcome: 'started' });
    expect(nextStep(returned, START_MS)).toBeUndefined();
  });

  it('that arrives after the order was closed goes back, and the order stays closed', () => {
    const late = after(closedOrder(), { type: 'evidence', evidence: anEvidence() }, paid());
    expect(flat(late)).toMatchObject({ state: 'closed', reviewReason: null, closedReason: 'cancelled', paidFen: 0 });
    expect(nextStep(late, START_MS)).toEqual({ kind: 'return', outTradeNo: FIRST, cause: 'late_payment' });
  });

  it('that was refunded by somebody else goes to review', () => {
    const state = after(open, answered({ kind: 'refunded', trade: aTrade() }));
    expect(flat(state)).toMatchObject({ state: 'review', reviewReason: 'refunded_elsewhere' });
  });
});

describe('evidence that no query confirms', () => {
  it('is asked about after 5, 15, 30 s, 1, 2 and 5 min, and then goes to review, which a later query leaves', () => {
    let state = transition(open, { type: 'evidence', evidence: anEvidence() }, START_MS);
    let nowMs = START_MS;
    const delays: number[] = [];
    for (let query = 0; query < 7; query += 1) {
      expect(nextStep(state, nowMs)).toEqual({ kind: 'query', outTradeNo: FIRST });
      state = written(transition(state, answered({ kind: 'notPaid' }), nowMs));
      const doubt = attemptOf(state, FIRST)?.doubt;
      if (doubt?.nextAtMs == null) break;
      delays.push(doubt.nextAtMs - nowMs);
      nowMs = doubt.nextAtMs;
    }
    expect(delays).toEqual([5_000, 15_000, 30_000, 60_000, 120_000, 300_000]);
    expect(flat(state)).toMatchObject({ state: 'review', reviewReason: 'evidence_conflict' });
    expect(nextStep(state, nowMs)).toEqual({ kind: 'wait', untilMs: null, poll: FIRST });
    expect(flat(after(state, paid()))).toMatchObject({ state: 'paid', reviewReason: null });
  });

  it('pauses the deadline', () => {
    const doubted = after(open, { type: 'evidence', evidence: anEvidence() }, answered({ kind: 'notPaid' }));
    const step = nextStep(doubted, DEADLINE_MS - 8_000_000);
    expect(step).toMatchObject({ kind: 'wait' });
    expect(nextStep(written({ ...doubted, deadlineMs: START_MS }), START_MS + 1_001)).toMatchObject({ kind: 'wait' });
  });

  it('never moves an order that is final: it stays closed and a person is asked', () => {
    let state = after(closedOrder(), { type: 'evidence', evidence: anEvidence() });
    for (let query = 0; query < 7; query += 1) state = after(state, answered({ kind: 'closed' }));
    expect(flat(state)).toMatchObject({ state: 'closed', closedReason: 'cancelled', stuckReason: 'review' });
  });
});

describe('closing', () => {
  it('is query, close, query, and needs CLOSED', () => {
    const asked = close(open);
    expect(nextStep(asked, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    const unpaid = after(asked, answered({ kind: 'notPaid' }));
    expect(nextStep(unpaid, START_MS)).toEqual({ kind: 'close', outTradeNo: FIRST });
    const accepted = after(unpaid, { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' });
    expect(flat(accepted).state).toBe('awaitingPayment');
    expect(nextStep(accepted, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    expect(flat(after(accepted, answered({ kind: 'closed' })))).toMatchObject({
      state: 'closed',
      closedReason: 'cancelled',
    });
  });

  it('of an order paid in that moment ends in paid', () => {
    const state = after(
      close(open),
      answered({ kind: 'notPaid' }),
      { type: 'closeAnswered', outTradeNo: FIRST, kind: 'alreadyPaid' },
      paid(),
    );
    expect(flat(state)).toMatchObject({ state: 'paid', closedReason: null });
  });

  it('begins at the deadline, not before', () => {
    const last = nextStep(open, DEADLINE_MS - 1);
    expect(last).toEqual({ kind: 'wait', untilMs: DEADLINE_MS, poll: FIRST });
    expect(nextStep(open, DEADLINE_MS)).toEqual({ kind: 'expire' });
  });

  it('that WeChat Pay does not confirm repeats, and after three minutes says so', () => {
    let state = close(open);
    let nowMs = START_MS;
    for (let round = 0; round < 6; round += 1) {
      state = transition(state, answered({ kind: 'notPaid' }), nowMs);
      state = transition(state, { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' }, nowMs);
      state = transition(state, answered({ kind: 'notPaid' }), nowMs);
      nowMs = closingDueOf(state) ?? nowMs;
    }
    expect(flat(state)).toMatchObject({ state: 'awaitingPayment', stuckReason: 'close_unconfirmed' });
  });

  describe('that comes too early for WeChat Pay', () => {
    const NOT_BEFORE_MS = START_MS + 300_000;
    const tooEarly = {
      type: 'closeAnswered',
      outTradeNo: FIRST,
      kind: 'tooEarly',
      notBeforeMs: NOT_BEFORE_MS,
    } as const;
    const unpaid = answered({ kind: 'notPaid' });
    const putOff = [unpaid, tooEarly].reduce(
      (state, event) => written(transition(state, event, START_MS)),
      close(open),
    );

    it('is made when it takes it, and nothing lasts too long until then', () => {
      expect(closingDueOf(putOff)).toBe(NOT_BEFORE_MS);
      const waiting = transition(putOff, unpaid, NOT_BEFORE_MS - 1);
      expect([nextStep(waiting, NOT_BEFORE_MS - 1)?.kind, flat(waiting).stuckReason]).toEqual(['wait', null]);
      expect(nextStep(waiting, NOT_BEFORE_MS)).toEqual({ kind: 'close', outTradeNo: FIRST });
      const sent = transition(waiting, { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' }, NOT_BEFORE_MS);
      expect(flat(transition(sent, answered({ kind: 'closed' }), NOT_BEFORE_MS))).toMatchObject({ state: 'closed' });
    });

    it('keeps the order payable meanwhile', () => {
      expect(flat(transition(putOff, answered({ kind: 'paid', trade: aTrade() }), START_MS + 1_000))).toMatchObject({
        state: 'paid',
      });
    });
  });

  describe('that a limit turned away', () => {
    const turnedAway = { type: 'closeAnswered', outTradeNo: FIRST, kind: 'unanswered', limitedForMs: 60_000 } as const;
    const unpaid = answered({ kind: 'notPaid' });
    const at = (ms: number, state: OrderState, ...events: OrderEvent[]) =>
      events.reduce((folded, event) => written(transition(folded, event, START_MS + ms)), state);
    const limited = at(0, close(open), unpaid, turnedAway);
    const isDue = (state: OrderState, ms: number) => nextStep(state, START_MS + ms)?.kind === 'close';

    it('is followed by a query, and made again when the limit ends', () => {
      expect(nextStep(limited, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
      const waiting = at(0, limited, unpaid);
      expect([0, 5_000, 59_999, 60_000].map((ms) => isDue(waiting, ms))).toEqual([false, false, false, true]);
    });

    it('without a time to wait is made again as usual', () => {
      const state = at(0, limited, { ...turnedAway, limitedForMs: null }, unpaid);
      expect([4_999, 5_000].map((ms) => isDue(state, ms))).toEqual([false, true]);
    });

    it('is neither put off nor brought forward by what somebody asks of WeChat Pay meanwhile', () => {
      let state = at(0, limited, unpaid);
      for (const ms of [10_000, 26_000, 42_000, 58_000]) {
        state = at(ms, state, { type: 'asked', why: 'sync' });
        expect(nextStep(state, START_MS + ms)).toEqual({ kind: 'query', outTradeNo: FIRST });
        state = at(ms, state, unpaid);
        expect(isDue(state, ms)).toBe(false);
      }
      expect(isDue(state, 60_000)).toBe(true);
    });

    it('is made at once, and once, when somebody asks for it', () => {
      const waiting = at(0, open, { type: 'deadlineReached' }, unpaid, turnedAway, unpaid);
      const asked = at(5_000, waiting, { type: 'closeRequested' });
      expect([isDue(waiting, 5_000), isDue(asked, 5_000)]).toEqual([false, true]);
      const kept = at(5_000, asked, turnedAway, unpaid);
      const repeated = at(6_000, kept, { type: 'closeRequested' });
      expect([6_000, 64_999, 65_000].map((ms) => isDue(repeated, ms))).toEqual([false, false, true]);
    });
  });

  it('without a code needs "no such order" twice, 30 s apart', () => {
    const lost = after(
      anOrder(),
      { type: 'prepayStarted', outTradeNo: FIRST },
      { type: 'prepayAbandoned', outTradeNo: FIRST },
    );
    const first = transition(close(lost), answered({ kind: 'notExist' }), START_MS);
    expect(flat(first).state).toBe('creating');
    const early = transition(first, answered({ kind: 'notExist' }), START_MS + 29_999);
    expect(flat(early).state).toBe('creating');
    expect(flat(transition(early, answered({ kind: 'notExist' }), START_MS + 30_000)).state).toBe('closed');
  });

  it('after a code was given is not proved by "no such order"', () => {
    let state = close(open);
    for (const atMs of [0, 40_000, 400_000]) state = transition(state, answered({ kind: 'notExist' }), START_MS + atMs);
    expect(flat(state)).toMatchObject({ state: 'awaitingPayment', stuckReason: 'close_unconfirmed' });
  });
});

describe('a close request', () => {
  it('changes nothing on an order that is paid, closed or in review', () => {
    const review = after(open, paid({ totalFen: fen(1) }));
    for (const state of [after(open, paid()), closedOrder(), review]) {
      expect(transition(state, { type: 'closeRequested' }, START_MS)).toEqual(state);
    }
  });

  it('waits while evidence says that it is paid', () => {
    const doubted = close(after(open, { type: 'evidence', evidence: anEvidence() }, answered({ kind: 'notPaid' })));
    expect(nextStep(doubted, START_MS)).toMatchObject({ kind: 'wait' });
  });

  it('before the first prepay still asks twice whether there is a trade', () => {
    const unsent = close(anOrder());
    expect(flat(unsent).state).toBe('creating');
    expect(nextStep(unsent, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });

  it('counts the 30 s anew when the trade showed up in between', () => {
    let state = close(after(anOrder(), { type: 'prepayStarted', outTradeNo: FIRST }));
    state = transition(state, answered({ kind: 'notExist' }), START_MS);
    state = transition(state, answered({ kind: 'notPaid' }), START_MS + 20_000);
    state = transition(state, answered({ kind: 'notExist' }), START_MS + 31_000);
    expect(flat(state).state).toBe('creating');
  });
});

describe('evidence on a trade that is closed', () => {
  it('keeps the order open until the doubt is over', () => {
    const doubted = after(close(open), { type: 'evidence', evidence: anEvidence() }, answered({ kind: 'closed' }));
    expect(flat(doubted).state).toBe('awaitingPayment');
    expect(flatAttempt(attemptOf(doubted, FIRST))).toMatchObject({ state: 'closed' });
  });

  it('keeps a closed order from ending', () => {
    const late = after(closedOrder(), { type: 'evidence', evidence: anEvidence() }, answered({ kind: 'closed' }));
    expect(nextStep(late, START_MS)).toMatchObject({ kind: 'wait' });
  });
});

describe('evidence that contradicts money already settled', () => {
  const contradicted = after(after(open, paid()), {
    type: 'evidence',
    evidence: anEvidence({ transactionId: '42-other' }),
  });

  it.each([
    ['the settled transaction', paid()],
    ['yet another transaction', paid({ transactionId: '42-third' })],
  ])('goes to a person when the query shows %s, and is not asked about again', (_name, answer) => {
    const state = after(contradicted, answer);
    expect(flat(state)).toMatchObject({ state: 'paid', paidFen: 1200, stuckReason: 'review' });
    expect(flatAttempt(attemptOf(state, FIRST))).toMatchObject({ transactionId: '4200000001' });
    expect(nextStep(state, START_MS + 1_000)).toEqual({ kind: 'wait', untilMs: null, poll: null });
  });

  it('is asked about again later, not at once, when the query shows no money', () => {
    const state = after(contradicted, answered({ kind: 'notPaid' }));
    expect(nextStep(state, START_MS)).toMatchObject({ kind: 'wait', untilMs: START_MS + 5_000 });
  });
});

describe('what was written to Postgres', () => {
  it('is not taken for what was learnt meanwhile', () => {
    const learnt = transition(open, paid(), START_MS);
    expect(flat(transition(learnt, projected(open), START_MS)).changed).toBe(true);
    expect(flat(transition(learnt, projected(learnt), START_MS)).changed).toBe(false);
  });
});

describe('a review that money caused', () => {
  it('closes what could still be paid', () => {
    const two = after(
      closedFirst(),
      ...opened(SECOND),
      { type: 'evidence', evidence: anEvidence() },
      paid({ totalFen: fen(1) }),
    );
    expect(flat(two)).toMatchObject({ state: 'review', reviewReason: 'amount_mismatch' });
    expect(nextStep(two, START_MS)).toEqual({ kind: 'query', outTradeNo: SECOND });
  });
});

const closedFirst = () =>
  after(
    open,
    { type: 'attemptRequested', outTradeNo: SECOND, product: 'native', appid: 'wx1234567890', reenter: false },
    answered({ kind: 'notPaid' }),
    { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
    answered({ kind: 'closed' }),
  );

describe('a refused prepay', () => {
  const refused = (earlierUnknown: boolean) =>
    after(
      anOrder(),
      { type: 'prepayStarted', outTradeNo: FIRST },
      { type: 'prepayAnswered', outTradeNo: FIRST, kind: 'refused', codeExpiresAtMs: null, earlierUnknown },
    );

  it('closes the order once a query shows no trade', () => {
    expect(nextStep(refused(false), START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    const state = after(refused(false), answered({ kind: 'notExist' }));
    expect(flat(state)).toMatchObject({ state: 'closed', closedReason: 'rejected' });
    expect(nextStep(state, START_MS)).toBeUndefined();
  });

  it('closes nothing while an earlier try may still appear, and asks again 30 s later', () => {
    const state = after(refused(true), answered({ kind: 'notExist' }));
    expect(flat(state)).toMatchObject({ state: 'creating', closedReason: null });
    expect(nextStep(state, START_MS)).toMatchObject({ kind: 'wait', untilMs: START_MS + 30_000 });
    const asked = transition(state, answered({ kind: 'notExist' }), START_MS + 30_000);
    expect(flat(asked)).toMatchObject({ state: 'closed', closedReason: 'rejected' });
  });
});

describe('a further attempt', () => {
  const second = {
    type: 'attemptRequested',
    outTradeNo: SECOND,
    product: 'native',
    appid: 'wx1234567890',
    reenter: false,
  } as const;

  it('opens only when the one before it is confirmed closed', () => {
    const asked = after(open, second);
    expect(nextStep(asked, START_MS)).toEqual({ kind: 'query', outTradeNo: FIRST });
    const waiting = after(asked, answered({ kind: 'notPaid' }));
    expect(nextStep(waiting, START_MS)).toEqual({ kind: 'close', outTradeNo: FIRST });
    const closed = after(
      waiting,
      { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
      answered({ kind: 'closed' }),
    );
    expect(nextStep(closed, START_MS)).toEqual({ kind: 'prepay', outTradeNo: SECOND });
  });

  it('waits for its turn while the one before it is being closed', () => {
    const waiting = after(
      open,
      second,
      answered({ kind: 'notPaid' }),
      { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
      answered({ kind: 'notPaid' }),
    );
    const step = nextStep(waiting, START_MS);
    expect(step).toMatchObject({ kind: 'wait' });
    expect(step?.kind === 'wait' && step.untilMs).toBe(closingDueOf(waiting));
  });

  it('is not asked for a code twice once it was refused', () => {
    const refusedSecond = after(
      closedFirst(),
      { type: 'prepayStarted', outTradeNo: SECOND },
      { type: 'prepayAnswered', outTradeNo: SECOND, kind: 'refused', codeExpiresAtMs: null, earlierUnknown: false },
      answered({ kind: 'notExist' }, SECOND),
    );
    expect(flatAttempt(attemptOf(refusedSecond, SECOND))).toMatchObject({ state: 'failed' });
    expect(after(refusedSecond, second)).toEqual(refusedSecond);
    expect(flat(refusedSecond).state).toBe('awaitingPayment');
  });

  it('is given up when the one before it turns out to be paid', () => {
    const state = after(open, second, paid());
    expect(flat(state).state).toBe('paid');
    expect(flatAttempt(attemptOf(state, SECOND))).toMatchObject({ state: 'failed' });
    expect(nextStep(state, START_MS)).toBeUndefined();
  });

  it('with the parameters of the open one re-enters it', () => {
    const again = after(open, { ...second, outTradeNo: FIRST, reenter: true });
    expect(nextStep(again, START_MS)).toEqual({ kind: 'prepay', outTradeNo: FIRST });
  });
});

describe('a gateway in trouble', () => {
  it('is over for readers too once the code is there', () => {
    const stuck = after(anOrder(), { type: 'troubled', reason: 'merchant_config' });
    const state = opened().reduce((folded, event) => transition(folded, event, START_MS), stuck);
    expect(flat(state)).toMatchObject({ stuckReason: null, changed: true });
    const smooth = opened().reduce((folded, event) => transition(folded, event, START_MS), anOrder());
    expect(flat(smooth)).toMatchObject({ state: 'awaitingPayment', changed: false });
  });

  it('that refuses the merchant is not over because a query is answered while the prepay is still to be repeated', () => {
    const stuck = transition(anOrder(), { type: 'troubled', reason: 'merchant_config' }, START_MS);
    const asked = transition(stuck, answered({ kind: 'notExist' }), START_MS + 60_000);
    expect(flat(asked)).toMatchObject({ stuckReason: 'merchant_config', stuckSinceMs: START_MS });
    expect(flat(after(asked, ...opened()))).toMatchObject({ stuckReason: null });
  });

  it('shows as the stuck reason until it answers', () => {
    const stuck = after(open, { type: 'troubled', reason: 'gateway_unreachable' });
    expect(flat(stuck).stuckReason).toBe('gateway_unreachable');
    expect(flat(after(stuck, answered({ kind: 'notPaid' }))).stuckReason).toBeNull();
  });
});

describe('a question', () => {
  const ask = (state: typeof open, why: 'sync' | 'recheck', atMs: number) =>
    transition(state, { type: 'asked', why }, START_MS + atMs);

  it('asked again a moment later is one question', () => {
    const asked = ask(open, 'sync', 0);
    for (const why of ['sync', 'sync'] as const) expect(ask(asked, why, 14_999)).toBe(asked);
    const rechecked = ask(asked, 'recheck', 1_000);
    expect(flatAttempt(attemptOf(rechecked, FIRST))).toMatchObject({ ask: 'recheck' });
    for (const why of ['sync', 'recheck'] as const) expect(ask(rechecked, why, 15_999)).toBe(rechecked);
  });

  it('asked again when no try of its call can be under way any more is asked anew, and stays the greater one', () => {
    const asked = ask(open, 'recheck', 0);
    const anew = ask(asked, 'sync', 15_000);
    expect(flatAttempt(attemptOf(anew, FIRST))).toMatchObject({ ask: 'recheck', askedAtMs: START_MS + 15_000 });
    expect(ask(anew, 'recheck', 29_999)).toBe(anew);
  });
});
