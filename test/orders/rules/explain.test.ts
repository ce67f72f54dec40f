import { describe, expect, it } from 'vitest';
import { zonedTime } from '../../../src/base/time.js';
import { explain, explainOrder } from '../../../src/orders/rules/explain/explain.js';
import { explainCard } from '../../../src/orders/rules/explain/card.js';
import { factsOfState } from '../../../src/orders/rules/explain/facts.js';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import { nextPollMs, paceOf, pollDelayMs } from '../../../src/orders/rules/schedules.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { aRow, openRow } from './rows.js';
import { aRefundRow } from '../../refunds/rules/fixtures.js';
import { parseOutRefundNo, returnNoOf } from '../../../src/base/ids.js';
import { EVENT_ID, PLAIN } from './situations.js';
import {
  after,
  anEvidence,
  anOrder,
  APPID,
  answered,
  DEADLINE_MS,
  FIRST,
  fen,
  must,
  opened,
  paid,
  START_MS,
} from './fixtures.js';
import { flat, flatAttempt } from './flat.js';

describe('explain', () => {
  it('gives the next poll by the rule, and never one that has passed', () => {
    const open = after(anOrder(), ...opened());
    const openedMs = flatAttempt(open.attempts[0])?.openedAtMs ?? 0;
    const nextOf = (nowMs: number) => explain(factsOfState(open, nowMs)).nextAt;
    const pace = paceOf(FIRST);
    const polledAt = (seconds: number): number => {
      const nextAt = Date.parse(nextOf(openedMs + seconds * 1_000 * pace) ?? '');
      return Math.round((nextAt - openedMs) / 1_000 / pace);
    };
    expect([0, 61, 100].map(polledAt)).toEqual([60, 90, 150]);
  });

  it('says when doubted evidence is asked about again', () => {
    const doubted = transition(
      transition(after(anOrder(), ...opened()), { type: 'evidence', evidence: anEvidence() }, START_MS),
      answered({ kind: 'notPaid' }),
      START_MS,
    );
    expect(explain(factsOfState(doubted, START_MS + 1))).toMatchObject({
      waitingFor: 'payment_confirmed',
      nextAt: new Date(START_MS + 5_000).toISOString(),
    });
  });
});

describe('explain from Postgres', () => {
  const order = aRow({ state: 'awaitingPayment' }, [openRow]);
  const now = new Date(START_MS + 70_000);
  const fact = {
    id: '1',
    source: 'notify',
    outTradeNo: FIRST,
    transactionId: '42',
    amountFen: order.amountFen,
    ...{ mchid: order.mchid, appid: 'wx', tradeType: 'NATIVE', currency: 'CNY' },
    at: now,
  } as const;

  it('takes the next poll and the last answer from the last call', () => {
    const nextAt = new Date(START_MS + 90_000);
    const lastCall = { api: 'query', outTradeNo: FIRST, at: now, outcome: 'notPaid', nextAt, gateway: null } as const;
    expect(explainOrder({ order, lastCall, callCount: 1, events: [], evidence: [], now })).toMatchObject({
      waitingFor: 'payment',
      nextAt: nextAt.toISOString(),
      attempts: 1,
      lastAnswer: { api: 'query', at: now.toISOString(), outcome: 'notPaid', gateway: null },
    });
  });

  it('says that polls thin out, where the next one is later than the rule', () => {
    const late = (outcome: string, delayMs: number) => {
      const call = { api: 'query', outTradeNo: FIRST, at: now, gateway: null } as const;
      const lastCall = { ...call, outcome, nextAt: new Date(now.getTime() + delayMs) };
      return explainOrder({ order, lastCall, callCount: 1, events: [], evidence: [], now });
    };
    const ruleMs = pollDelayMs(70_000, paceOf(FIRST));
    for (const { text, nextAt, waitingFor } of [late('notPaid', 300_000), late('gate_shut', 75_000)]) {
      const at = zonedTime(new Date(nextAt ?? ''));
      expect(waitingFor).toBe('payment');
      expect(text.en).toContain(`polls come less often than usual, the next of this order at ${at}`);
      expect(text.zh).toContain(`定期查询比平时稀疏，下次在 ${at}`);
    }
    for (const { text } of [late('notPaid', ruleMs), late('unknown', 300_000)]) {
      expect(text.en).not.toContain('less often');
    }
  });

  it('goes by the rule for evidence once a notify came, whatever poll was planned before', () => {
    const nextAt = new Date(START_MS + 600_000);
    const polled = { api: 'query', outTradeNo: FIRST, at: now, outcome: 'notPaid', nextAt, gateway: null } as const;
    const said = { ...fact, id: '2', source: 'notify', at: new Date(now.getTime() + 1_000) } as const;
    const nextOf = (lastCall: typeof polled | (Omit<typeof polled, 'nextAt'> & { readonly nextAt: null })) =>
      explainOrder({ order, lastCall, callCount: 1, events: [], evidence: [said], now: said.at }).nextAt;
    expect(nextOf(polled)).toBe(said.at.toISOString());
    const asked = { ...polled, at: new Date(said.at.getTime() + 6_000), nextAt: null };
    expect(nextOf(asked)).toBe(new Date(said.at.getTime() + 20_000).toISOString());
  });

  it('goes by the rule for refunds while one is under way, also before its first query', () => {
    const refund = aRefundRow({ state: 'processing', appliedAt: now });
    const paidRow = aRow({ state: 'paid', paidAttempt: FIRST, refunds: [refund] }, [
      { ...openRow, state: 'succeeded', paidFen: fen(1200), refundingFen: fen(1200) },
    ]);
    const applied = {
      api: 'refund',
      outTradeNo: FIRST,
      at: now,
      outcome: 'accepted',
      nextAt: null,
      gateway: null,
    } as const;
    const said = explainOrder({ order: paidRow, lastCall: applied, callCount: 1, events: [], evidence: [], now });
    expect(said.nextAt).toBe(new Date(now.getTime() + 60_000).toISOString());
    expect(said.text.en).toContain('¥12.00 is on its way back');
    const stalled = { ...paidRow, stuckReason: 'stalled' as const, refunds: [{ ...refund, stalledSince: now }] };
    const card = explainOrder({ order: stalled, lastCall: applied, callCount: 1, events: [], evidence: [], now });
    expect(card).toMatchObject({ waitingFor: 'rescue' });
    expect(card.text.en).not.toContain('on its way back');
  });

  it('says when a refund that waits out its minute can leave', () => {
    const sent = aRefundRow({
      outRefundNo: must(parseOutRefundNo('R-1')),
      cause: 'shop',
      state: 'succeeded',
      appliedAt: now,
    });
    const waiting = aRefundRow({ outRefundNo: must(parseOutRefundNo('R-2')), cause: 'shop', amountFen: fen(400) });
    const paidRow = aRow({ state: 'paid', paidAttempt: FIRST, refunds: [sent, waiting] }, [
      { ...openRow, state: 'succeeded', transactionId: '42', paidFen: fen(1200), refundingFen: fen(400) },
    ]);
    const rest = { lastCall: undefined, callCount: 0, events: [], evidence: [] };
    const said = explainOrder({ order: paidRow, ...rest, now });
    expect(said.nextAt).toBe(new Date(now.getTime() + 60_000).toISOString());
    expect(said.text.en).toContain('¥4.00 of it has not left yet');
  });

  it('says of a paid order what other money under its number differs in', () => {
    const left = { stuckReason: 'review', ownStuckReason: 'review' } as const;
    const paidRow = aRow({ state: 'paid', paidAttempt: FIRST, paidFen: fen(1200), ...left }, [
      { ...openRow, state: 'succeeded', transactionId: '41', paidFen: fen(1200) },
    ]);
    const other = { ...fact, source: 'query', appid: APPID, amountFen: fen(700) } as const;
    const booked = { ...other, id: '2', transactionId: '41', amountFen: fen(1200) } as const;
    const rest = { lastCall: undefined, callCount: 0, events: [], now };
    const { text } = explainOrder({ order: paidRow, ...rest, evidence: [booked, other] });
    expect(text.en).toContain(
      'What differs: the transaction is 42, expected 41; the amount is ¥7.00, expected ¥12.00.',
    );
    expect(text.zh).toContain('微信支付订单号应为 41，实为 42');
    expect(explainOrder({ order: paidRow, ...rest, evidence: [booked] }).text.en).not.toContain('What differs');
  });

  it('says that WeChat Pay asks for fewer calls, until when, and for no longer', () => {
    const quietUntil = new Date(START_MS + 90_000);
    const quiet = [{ api: 'query', until: quietUntil }] as const;
    const nothing = { events: [], evidence: [], lastCall: undefined, callCount: 0 };
    const said = (at: Date) => explainOrder({ order, ...nothing, quiet: at < quietUntil ? quiet : [], now: at });
    const until = zonedTime(quietUntil);
    expect(said(now).text.en).toContain(`WeChat Pay asks for fewer calls just now`);
    expect(said(now).text.en).toContain(`until ${until}`);
    expect(said(now).text.zh).toContain(`微信支付要求暂缓请求`);
    expect(said(now).text.zh).toContain(`到 ${until}`);
    expect(said(quietUntil).text.en).not.toContain('fewer calls');
  });

  describe('of a close that a limit turned away', () => {
    const limited = { type: 'closeAnswered', outTradeNo: FIRST, kind: 'unanswered', limitedForMs: 3_000 } as const;
    const unpaid = answered({ kind: 'notPaid' });
    const open = after(anOrder(), ...opened());
    const folded = (...events: readonly OrderEvent[]) =>
      events.reduce((state, event) => transition(state, event, START_MS), open);
    const readable = (ms: number) => zonedTime(new Date(ms));

    it.each([
      { rounds: 1, againMs: 5_000 },
      { rounds: 6, againMs: 300_000 },
    ])('says by its state until when it is put off, until it is made again (round $rounds)', ({ rounds, againMs }) => {
      const tried = Array.from({ length: rounds }, () => [limited, unpaid]).flat();
      const closing = folded({ type: 'closeRequested' }, unpaid, ...tried);
      for (const ms of [1, 3_000, againMs - 1]) {
        const { text, nextStep, nextAt } = explain(factsOfState(closing, START_MS + ms));
        expect(text.en).toContain(`the close was put off until ${readable(START_MS + againMs)}`);
        expect(text.zh).toContain(`关单被推迟到 ${readable(START_MS + againMs)}`);
        expect([nextStep, nextAt]).toEqual(['query, close, query again', new Date(START_MS + againMs).toISOString()]);
      }
      const due = explain(factsOfState(closing, START_MS + againMs));
      expect(due).toMatchObject({ waitingFor: 'close_confirmed', nextAt: new Date(START_MS + againMs).toISOString() });
      expect(due.text.en).not.toContain('put off');
    });

    it('is silent about the limit once a later close was taken', () => {
      const taken = { ...limited, kind: 'accepted', limitedForMs: null } as const;
      const closing = folded({ type: 'closeRequested' }, unpaid, limited, unpaid, taken, unpaid);
      expect(explain(factsOfState(closing, START_MS + 1)).text.en).not.toContain('put off');
    });

    it('says the same by its row', () => {
      const againAt = new Date(START_MS + 300_000);
      const row = aRow({ state: 'awaitingPayment', ending: 'cancelled' }, [
        { ...openRow, prepayStartedAt: new Date(START_MS) },
      ]);
      const lastCall = {
        api: 'query',
        outTradeNo: FIRST,
        at: new Date(START_MS + 200_000),
        outcome: 'notPaid',
        nextAt: null,
        gateway: null,
      } as const;
      const { text, nextAt } = explainOrder({
        ...{ order: row, events: [], evidence: [], lastCall, callCount: 9, againAt: new Map([['close', againAt]]) },
        quiet: [{ api: 'close', until: againAt }],
        now: new Date(START_MS + 290_000),
      });
      expect(text.en).toContain(`the close was put off until ${readable(againAt.getTime())}`);
      expect(nextAt).toBe(againAt.toISOString());
    });
  });

  it('says from when on WeChat Pay takes a close that is too early, by its state and by its row', () => {
    const startedAt = new Date(START_MS);
    const atMs = START_MS + 300_000;
    const tooEarly = { type: 'closeAnswered', outTradeNo: FIRST, kind: 'tooEarly', notBeforeMs: atMs } as const;
    const closing = after(anOrder(), ...opened(), { type: 'closeRequested' }, answered({ kind: 'notPaid' }), tooEarly);
    const row = aRow({ state: 'awaitingPayment', ending: 'cancelled' }, [{ ...openRow, prepayStartedAt: startedAt }]);
    const lastCall = {
      api: 'close',
      outTradeNo: FIRST,
      at: startedAt,
      outcome: 'tooEarly',
      nextAt: null,
      gateway: null,
    } as const;
    const ofRow = (now: Date) => explainOrder({ order: row, events: [], evidence: [], lastCall, callCount: 1, now });
    const said = `it is sent at ${zonedTime(new Date(atMs))}`;
    expect(explain(factsOfState(closing, START_MS + 1)).text.en).toContain(said);
    expect(ofRow(new Date(START_MS + 1)).text.en).toContain(said);
    expect(explain(factsOfState(closing, atMs)).text.en).not.toContain(said);
    expect(ofRow(new Date(atMs)).text.en).not.toContain(said);
  });

  describe("of a refund that waits for the merchant's balance", () => {
    const againAt = new Date(START_MS + 600_000);
    const refund = aRefundRow({ trouble: 'merchant_balance', appliedAt: new Date(START_MS) });
    const own = { paidAttempt: FIRST, paidFen: fen(1200) } as const;
    const attempt = { ...openRow, state: 'succeeded', transactionId: '41', paidFen: fen(1200) } as const;
    const saidOf = (row: Parameters<typeof aRow>[0]) =>
      explainOrder({
        order: aRow({ state: 'paid', ...own, refunds: [refund], ...row }, [attempt]),
        ...{ events: [], evidence: [], callCount: 4 },
        // Somebody asked for a recheck since.
        lastCall: { api: 'query', outTradeNo: FIRST, at: now, outcome: 'paid', nextAt: null, gateway: null },
        againAt: new Map([['refund', againAt]]),
        now,
      });

    it('says when it is sent again, whatever was asked of WeChat Pay since', () => {
      expect(saidOf({ stuckReason: 'merchant_balance' })).toMatchObject({
        waitingFor: 'merchant_balance',
        nextStep: 'send the same refund again',
        nextAt: againAt.toISOString(),
      });
    });

    it('says so beside what else the order waits for', () => {
      const { text } = saidOf({ state: 'review', reviewReason: 'late_payment', stuckReason: 'review' });
      expect(text.en).toContain('It is sent again at 2026-03-01 08:10:00+08.');
      expect(text.zh).toContain('下次重试 2026-03-01 08:10:00+08。');
    });
  });

  it('says that a notify is being looked into', () => {
    const input = { order, lastCall: undefined, callCount: 0, events: [], now };
    expect(explainOrder({ ...input, evidence: [fact] }).waitingFor).toBe('payment_confirmed');
    expect(explainOrder({ ...input, evidence: [fact] }).text.en).toContain('A notify says that ¥');
    const ofBill = explainOrder({ ...input, evidence: [{ ...fact, source: 'bill' }] }).text;
    expect([ofBill.en, ofBill.zh]).toEqual([
      expect.stringContaining('A bill says that ¥'),
      expect.stringContaining('有账单显示'),
    ]);
    expect(explainOrder({ ...input, evidence: [{ ...fact, source: 'query' }] }).waitingFor).toBe('payment');
  });
});

describe('what an operator can paste', () => {
  const commandsOf = (facts: Partial<typeof PLAIN>) => explain({ ...PLAIN, ...facts }).commands;
  const reason = "--mchid 1900000001 --reason ''";

  it('decides about the very refund that failed', () => {
    const of = (state: string, isOwn: boolean) =>
      ({
        cause: isOwn ? 'late_payment' : 'shop',
        code: null,
        trouble: null,
        canBeReissued: isOwn && state === 'rejected',
      }) as const;
    const refund = (state: 'abnormal' | 'rejected' | 'requested', isOwn = true) =>
      commandsOf({
        state: 'paid',
        stuckReason: 'refund_failed',
        refunds: [{ outRefundNo: returnNoOf(FIRST), state, ...of(state, isOwn) }],
      });
    expect(refund('abnormal').slice(0, 2)).toEqual([
      `paysaga refund resolve 'A-10001@return' abnormalRefund ${reason}`,
      `paysaga refund resolve 'A-10001@return' paidOffline ${reason}`,
    ]);
    expect(refund('rejected').slice(0, 2)).toEqual([
      `paysaga refund resolve 'A-10001@return' reissue ${reason}`,
      `paysaga refund resolve 'A-10001@return' paidOffline ${reason}`,
    ]);
    expect(refund('rejected', false)[0]).toBe(`paysaga recheck A-10001 ${reason}`);
    expect(refund('requested')[0]).toBe(`paysaga recheck A-10001 ${reason}`);
    expect(commandsOf({ state: 'paid', stuckReason: 'refund_failed', possible: ['resolve-return'] })[0]).toBe(
      `paysaga resolve A-10001 return ${reason}`,
    );
  });

  it('sends the very event again that the shop has not heard', () => {
    const untold = [
      { id: EVENT_ID, type: 'order.paid', status: 'exhausted', isUntried: false, nextAtMs: null },
    ] as const;
    expect(commandsOf({ state: 'paid', stuckReason: 'shop_unreachable', untold })[0]).toBe(
      `paysaga events resend ${EVENT_ID} ${reason}`,
    );
  });
});

describe('an order that nobody works on', () => {
  const minutes = (n: number): Date => new Date(START_MS + n * 60_000);
  const explained = (
    order: ReturnType<typeof aRow>,
    now: Date,
    lastCall?: Parameters<typeof explainOrder>[0]['lastCall'],
  ) => explainOrder({ order, lastCall, callCount: 0, evidence: [], events: [], now });
  const asked = {
    api: 'query',
    outTradeNo: FIRST,
    at: minutes(2),
    outcome: 'notPaid',
    nextAt: minutes(3),
    gateway: null,
  } as const;
  const open = aRow({ state: 'awaitingPayment' }, [openRow]);

  it('says so once its next call is five minutes overdue, whatever else is wrong', () => {
    expect(explained(open, minutes(7), asked).waitingFor).toBe('payment');
    expect(explained(open, minutes(9), asked)).toMatchObject({ waitingFor: 'worker', actor: 'operator' });
    expect(explained({ ...open, stuckReason: 'gateway_unreachable' }, minutes(9), asked).waitingFor).toBe('worker');
    expect(explained(aRow(), minutes(4)).waitingFor).toBe('prepay');
    expect(explained(aRow(), minutes(6)).waitingFor).toBe('worker');
  });

  it('also when its deadline passed and nobody closed it', () => {
    const late = { ...asked, nextAt: new Date(DEADLINE_MS + 20 * 60_000) };
    expect(explained(open, new Date(DEADLINE_MS + 60_000), late).waitingFor).toBe('close_confirmed');
    expect(explained(open, new Date(DEADLINE_MS + 6 * 60_000), late).waitingFor).toBe('worker');
  });

  it('goes by the polling rule when the last call named no next one', () => {
    const synced = { ...asked, nextAt: null };
    const byTheRule = new Date(nextPollMs(START_MS, synced.at.getTime(), paceOf(FIRST)));
    expect(explained(open, minutes(2), synced).nextAt).toBe(byTheRule.toISOString());
    expect(explained(open, minutes(6), synced).waitingFor).toBe('payment');
    expect(explained(open, minutes(9), synced).waitingFor).toBe('worker');
  });

  it('never is one that a person decides about, or that is over', () => {
    const now = new Date(DEADLINE_MS + 3_600_000);
    expect(
      explained(aRow({ state: 'review', reviewReason: 'late_payment', stuckReason: 'review' }), now).waitingFor,
    ).toBe('operator_decision');
    expect(
      explained(aRow({ state: 'closed', closedReason: 'expired', closedAt: now }, [{ state: 'closed' }]), now)
        .waitingFor,
    ).toBe('nothing');
  });
});

describe('since when', () => {
  const at = (n: number): Date => new Date(START_MS + n * 60_000);
  const since = (order: ReturnType<typeof aRow>, input: Partial<Parameters<typeof explainOrder>[0]> = {}) =>
    explainOrder({ order, lastCall: undefined, callCount: 0, evidence: [], events: [], now: at(3), ...input }).since;

  it('is when it began to wait for what it waits for', () => {
    const open = aRow({ state: 'awaitingPayment' }, [openRow]);
    expect(since(open)).toBe(at(0).toISOString());
    expect(since({ ...open, stuckReason: 'gateway_unreachable', stuckSince: at(2) })).toBe(at(2).toISOString());
    expect(since(open, { now: new Date(DEADLINE_MS + 1) })).toBe(new Date(DEADLINE_MS).toISOString());
    const closing = {
      api: 'close',
      outTradeNo: FIRST,
      at: at(2),
      outcome: 'accepted',
      nextAt: null,
      gateway: null,
    } as const;
    expect(since({ ...open, ending: 'cancelled' }, { lastCall: closing })).toBe(at(2).toISOString());
    const doubt = { id: '1', source: 'notify', outTradeNo: FIRST, transactionId: '42', amountFen: fen(1200) } as const;
    const said = { mchid: open.mchid, appid: 'wx', tradeType: 'NATIVE', currency: 'CNY', at: at(1) };
    expect(since(open, { evidence: [{ ...doubt, ...said }] })).toBe(at(1).toISOString());
    const told = { status: 'delivered', deliveredAt: at(2) } as const;
    const paidOrder = aRow({
      state: 'paid',
      paidAttempt: FIRST,
      paidAt: at(1),
      fulfilment: 'pending',
      paidEvent: told,
    });
    expect(since(paidOrder)).toBe(at(2).toISOString());
    expect(since({ ...paidOrder, fulfilment: 'none' })).toBe(at(1).toISOString());
  });
});

describe('a workflow whose call is in trouble', () => {
  it('says since when, and names no next time, which only the activity that repeats it knows', () => {
    const open = after(anOrder(), ...opened());
    const troubled = transition(open, { type: 'troubled', reason: 'gateway_unreachable' }, START_MS + 240_000);
    const later = transition(troubled, { type: 'asked', why: 'sync' }, START_MS + 250_000);
    expect(explain(factsOfState(later, START_MS + 300_000))).toMatchObject({
      waitingFor: 'gateway_answer',
      since: new Date(START_MS + 240_000).toISOString(),
      nextAt: null,
    });
    expect(transition(later, { type: 'recovered' }, START_MS + 260_000).stuckSinceMs).toBeNull();
  });
});

describe('row and workflow', () => {
  it('say the same of the same order', () => {
    const open = after(anOrder(), ...opened());
    const openedAt = new Date(flatAttempt(open.attempts[0])?.openedAtMs ?? 0);
    const row = aRow({ state: 'awaitingPayment' }, [{ ...openRow, prepayStartedAt: openedAt }]);
    const ofRow = explainOrder({
      order: row,
      lastCall: undefined,
      callCount: 0,
      evidence: [],
      events: [],
      now: new Date(START_MS),
    });
    const ofState = explain(factsOfState(open, START_MS));
    expect(ofState).toEqual(ofRow);
  });
});

describe('the card in the Temporal UI', () => {
  it('is Markdown in one language, with commands to paste while there is something to do', () => {
    const open = after(anOrder(), ...opened());
    const card = explainCard(open, 'en', START_MS);
    expect(card).toContain('### A-10001');
    expect(card).toContain('| State | `awaitingPayment` |');
    expect(card).toContain('¥12.00');
    expect(card).toContain('2026-03-01 10:00:00+08');
    expect(card).toContain("paysaga recheck A-10001 \\\n  --mchid 1900000001 \\\n  --reason ''");
    expect(explainCard(open, 'zh', START_MS)).toContain('| 状态 | `awaitingPayment` |');
    expect(explainCard(after(open, paid()), 'en', START_MS)).not.toContain('```sh');
  });

  it('says with which code WeChat Pay refused a prepay or a close, until a code is handed out', () => {
    const prepay = { type: 'prepayAnswered', outTradeNo: FIRST, codeExpiresAtMs: null, earlierUnknown: false } as const;
    const refused = after(anOrder(), opened()[0] ?? { type: 'outdated' }, {
      ...{ ...prepay, kind: 'refused', refusedWith: 'PARAM_ERROR' },
    });
    expect(explainCard(refused, 'en', START_MS)).toContain('WeChat Pay last refused A-10001 with PARAM_ERROR.');
    const rejected = after(refused, answered({ kind: 'notExist' }));
    expect(flat(rejected).closedReason).toBe('rejected');
    expect(explainCard(rejected, 'zh', START_MS)).toContain('微信支付最近一次拒绝 A-10001 的原因：PARAM_ERROR。');
    const open = after(anOrder(), ...opened());
    const closing = after(open, { type: 'closeRequested' }, answered({ kind: 'notPaid' }), {
      type: 'closeAnswered',
      outTradeNo: FIRST,
      kind: 'refused',
      refusedWith: 'INVALID_REQUEST',
    });
    expect(explainCard(open, 'en', START_MS)).not.toContain('last refused');
    expect(explainCard(closing, 'en', START_MS)).toContain('WeChat Pay last refused A-10001 with INVALID_REQUEST.');
  });

  it.each([
    [{ appid: 'wx-other' }, `the appid is wx-other, expected ${APPID}`, `appid应为 ${APPID}，实为 wx-other`],
    [{ currency: 'HKD' }, 'the currency is HKD, expected CNY', '币种应为 CNY，实为 HKD'],
    [{ totalFen: fen(8000) }, 'the amount is ¥80.00, expected ¥12.00', '金额应为 ¥12.00，实为 ¥80.00'],
  ])('says what differs of money that is disputed: %j', (fields, en, zh) => {
    const open = after(anOrder(), ...opened());
    const byQuery = after(open, paid(fields));
    const byNotify = after(open, { type: 'evidence', evidence: anEvidence(fields) }, paid());
    for (const review of [byQuery, byNotify]) {
      expect(explainCard(review, 'en', START_MS)).toContain(`What differs: ${en}.`);
      expect(explainCard(review, 'zh', START_MS)).toContain(`不符之处：${zh}。`);
    }
  });
});
