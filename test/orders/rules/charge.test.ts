import { describe, expect, it } from 'vitest';
import type { TradeAnswer } from '../../../src/orders/rules/gateway-answer.js';
import { explain } from '../../../src/orders/rules/explain/explain.js';
import { factsOfState } from '../../../src/orders/rules/explain/facts.js';
import type { ChargeAnswered, OrderEvent } from '../../../src/orders/rules/events.js';
import { nextStep, wakesAtMs } from '../../../src/orders/rules/next-step.js';
import type { OrderState } from '../../../src/orders/rules/state.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { anOrder, aTrade, FIRST, SECOND, APPID, START_MS, written } from './fixtures.js';

/** At a second of the order's life; what is to be written is written at once, as the loop does. */
const at = (second: number) => START_MS + second * 1_000;
const fold = (state: OrderState, second: number, ...events: OrderEvent[]): OrderState =>
  events.reduce((folded, event) => written(transition(folded, event, at(second))), state);
const stepAt = (state: OrderState, second: number) => nextStep(state, at(second));
const charged = (kind: ChargeAnswered['kind'], state = anOrder('codeScan'), outTradeNo = FIRST): OrderState =>
  fold(
    state,
    0,
    { type: 'prepayStarted', outTradeNo },
    { type: 'chargeAnswered', outTradeNo, kind, sentAtMs: at(0), refusedWith: kind === 'refused' ? 'NOTENOUGH' : null },
  );
const said = (answer: TradeAnswer): OrderEvent => ({ type: 'tradeAnswered', outTradeNo: FIRST, answer });
const PAID = said({ kind: 'paid', trade: aTrade({ tradeType: 'MICROPAY' }) });
const NOT_PAID = said({ kind: 'notPaid' });
const CLOSED = said({ kind: 'closed' });
const REVERSED: OrderEvent = { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' };
const waiting = (state: OrderState, second: number) => explain(factsOfState(state, at(second)));

/** Nobody confirmed it: given up, and its first reverse sent. */
const reversing = (): OrderState => {
  const expired = fold(charged('paying'), 45, { type: 'deadlineReached' });
  const asked = fold(expired, 45, NOT_PAID);
  expect(stepAt(asked, 45)).toEqual({ kind: 'giveUp', outTradeNo: FIRST });
  const decided = fold(asked, 45, { type: 'reverseDecided', outTradeNo: FIRST });
  expect(stepAt(decided, 45)).toEqual({ kind: 'close', outTradeNo: FIRST });
  return fold(decided, 45, REVERSED);
};

describe('a charge', () => {
  it('comes before all else, and is no prepay', () => {
    expect(stepAt(anOrder('codeScan'), 0)).toEqual({ kind: 'charge', outTradeNo: FIRST });
  });

  it('that WeChat Pay says is paid is paid on the word of a query alone', () => {
    const said = charged('paid');
    expect(said.phase.state).toBe('awaitingPayment');
    expect(stepAt(said, 0)).toEqual({ kind: 'query', outTradeNo: FIRST });
    const paid = fold(said, 1, PAID);
    expect(paid.phase).toMatchObject({ state: 'paid', foundBy: 'charge' });
  });

  it('is asked about every 5 s while the payer types the password', () => {
    const paying = charged('paying');
    expect(stepAt(paying, 1)).toEqual({ kind: 'wait', untilMs: at(5), poll: null });
    expect(stepAt(paying, 5)).toEqual({ kind: 'wait', untilMs: at(45), poll: FIRST });
    expect(waiting(paying, 7)).toMatchObject({
      waitingFor: 'payer_password',
      actor: 'payer',
      nextAt: new Date(at(10)).toISOString(),
    });
  });

  it('of unknown outcome is asked about at once, and waits as a charge that may have been lost', () => {
    const unknown = charged('unknown');
    expect(stepAt(unknown, 0)).toEqual({ kind: 'query', outTradeNo: FIRST });
    const missing = fold(unknown, 1, said({ kind: 'notExist' }));
    expect(missing.attempts[0]?.phase.state).toBe('preparing');
    expect(stepAt(missing, 2)).toEqual({ kind: 'wait', untilMs: at(5), poll: null });
    expect(waiting(missing, 2)).toMatchObject({ waitingFor: 'charge_known', actor: 'wechat' });
    expect(fold(missing, 6, NOT_PAID)).toMatchObject({
      phase: { state: 'awaitingPayment' },
      attempts: [{ phase: { state: 'open' } }],
    });
  });

  it('that is refused leaves the order to the payer’s next code', () => {
    const refused = charged('refused');
    expect(refused).toMatchObject({ phase: { state: 'awaitingPayment' }, attempts: [{ phase: { state: 'failed' } }] });
    expect(stepAt(refused, 1)).toMatchObject({ kind: 'wait', poll: null });
    const { text, actor } = waiting(refused, 1);
    expect([actor, text.en]).toEqual(['shop', expect.stringContaining('NOTENOUGH')]);
    const requested = { outTradeNo: SECOND, product: 'codeScan', appid: APPID, reenter: false } as const;
    const next = fold(refused, 2, { type: 'attemptRequested', ...requested });
    expect(stepAt(next, 2)).toEqual({ kind: 'charge', outTradeNo: SECOND });
    const expired = fold(refused, 7200, { type: 'deadlineReached' });
    expect(expired.phase).toMatchObject({ state: 'closed', reason: 'expired' });
  });

  it('of a number that somebody else used is theirs', () => {
    const inUse = charged('conflict');
    expect(stepAt(inUse, 0)).toEqual({ kind: 'query', outTradeNo: FIRST });
    expect(fold(inUse, 1, PAID).phase).toMatchObject({ state: 'review', reason: 'number_in_use' });
    expect(fold(inUse, 1, NOT_PAID)).toMatchObject({
      phase: { state: 'awaitingPayment' },
      attempts: [{ phase: { state: 'failed', foreign: true } }],
    });
  });

  it('ends with its order 45 s after it was sent, whatever the deadline', () => {
    expect(stepAt(charged('paying'), 44)).toMatchObject({ kind: 'wait' });
    expect(stepAt(charged('paying'), 45)).toEqual({ kind: 'expire' });
    expect(wakesAtMs(charged('unknown'), { kind: 'query', outTradeNo: FIRST }, at(1))).toBe(at(45));
  });

  it('that the payer has refused does not wait for the 45 s, but for the 15 before a reverse', () => {
    const over = fold(charged('paying'), 5, said({ kind: 'notPaid', isOver: true }));
    expect(over.phase).toMatchObject({ ending: 'expired' });
    expect(stepAt(over, 6)).toMatchObject({ kind: 'wait', untilMs: at(15) });
    expect(stepAt(over, 15)).toEqual({ kind: 'query', outTradeNo: FIRST });
  });

  it('is not reversed sooner after 15 s, however often the till asks', () => {
    const asked = fold(charged('paying'), 2, { type: 'closeRequested' });
    const again = fold(asked, 20 - 3, { type: 'closeRequested' });
    expect(stepAt(asked, 14)).toMatchObject({ kind: 'wait', untilMs: at(15) });
    const seen = fold(asked, 4, { type: 'asked', why: 'sync' }, NOT_PAID);
    expect(stepAt(seen, 14)).toMatchObject({ kind: 'wait', untilMs: at(15) });
    expect(stepAt(again, 17)).toEqual({ kind: 'query', outTradeNo: FIRST });
    expect(waiting(asked, 3)).toMatchObject({
      waitingFor: 'reverse_confirmed',
      nextAt: new Date(at(15)).toISOString(),
    });
  });

  it('is paid if the query before its reverse says so', () => {
    const asked = fold(charged('paying'), 2, { type: 'closeRequested' });
    expect(fold(asked, 15, PAID).phase.state).toBe('paid');
  });

  it('is reversed though the query before it is not answered', () => {
    const expired = fold(charged('paying'), 45, { type: 'deadlineReached' });
    const query = { kind: 'query', outTradeNo: FIRST } as const;
    expect(stepAt(expired, 45)).toEqual(query);
    // Due since the 15th second, so it waits no longer.
    expect(stepAt(fold(charged('paying'), 2, { type: 'closeRequested' }), 19)).toEqual(query);
    expect(wakesAtMs(fold(charged('paying'), 2, { type: 'closeRequested' }), query, at(16))).toBe(at(20));
    expect(stepAt(fold(charged('paying'), 2, { type: 'closeRequested' }), 20)).toMatchObject({ kind: 'giveUp' });
  });

  it('that was never sent is withdrawn', () => {
    const closed = fold(anOrder('codeScan'), 1, { type: 'closeRequested' });
    expect(closed.phase).toMatchObject({ state: 'closed', reason: 'cancelled' });
  });
});

describe('a charge that is being reversed', () => {
  it('is over once a query says so', () => {
    expect(stepAt(reversing(), 46)).toEqual({ kind: 'query', outTradeNo: FIRST });
    expect(fold(reversing(), 46, CLOSED).phase).toMatchObject({ state: 'closed', reason: 'reversed' });
  });

  it('is reversed again when it was paid all the same, and pays nothing', () => {
    const paid = fold(reversing(), 46, PAID);
    expect(paid.phase).toMatchObject({ state: 'awaitingPayment', ending: 'expired' });
    expect(stepAt(paid, 60)).toEqual({ kind: 'close', outTradeNo: FIRST });
    const back = fold(paid, 61, REVERSED, CLOSED);
    expect(back.phase).toMatchObject({ state: 'closed', reason: 'reversed' });
    expect(back.attempts[0]?.phase.state).toBe('closed');
  });

  it('is over once its money is seen to have gone back', () => {
    const back = fold(reversing(), 46, said({ kind: 'refunded', trade: aTrade({ tradeType: 'MICROPAY' }) }));
    expect(back.phase).toMatchObject({ state: 'closed', reason: 'reversed' });
  });

  it('goes on until then, and shows after 3 minutes', () => {
    const still = fold(reversing(), 46, NOT_PAID);
    expect(stepAt(still, 60)).toEqual({ kind: 'close', outTradeNo: FIRST });
    expect(stepAt(still, 46 + 180)).toEqual({ kind: 'overlong' });
  });

  it('gives late money back by the policy, once it was over', () => {
    const over = fold(reversing(), 46, CLOSED);
    const late = fold(over, 300, {
      type: 'evidence',
      evidence: { source: 'bill', outTradeNo: FIRST, ...aTrade({ tradeType: 'MICROPAY' }) },
    });
    const found = fold(late, 301, PAID);
    expect(found.attempts[0]?.phase).toMatchObject({ state: 'succeeded', back: { cause: 'late_payment' } });
  });

  it('leaves the word of a lost charge to two queries 30 s apart', () => {
    const expired = fold(charged('unknown'), 45, said({ kind: 'notExist' }), { type: 'deadlineReached' });
    const decided = fold(expired, 45, said({ kind: 'notExist' }), { type: 'reverseDecided', outTradeNo: FIRST });
    const tried = fold(decided, 45, { type: 'closeAnswered', outTradeNo: FIRST, kind: 'notExist' });
    const once = fold(tried, 51, said({ kind: 'notExist' }));
    expect(once.phase.state).not.toBe('closed');
    expect(fold(once, 82, said({ kind: 'notExist' })).phase).toMatchObject({ state: 'closed', reason: 'reversed' });
  });
});
