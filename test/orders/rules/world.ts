import type { TradeAnswer } from '../../../src/orders/rules/gateway-answer.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { MAX_ATTEMPTS, returnNoOf, type OutTradeNo } from '../../../src/base/ids.js';
import { orderEvents, type MerchantEventType, type PendingEvent } from '../../../src/shop-events/rules/event.js';
import type { OrderRecord } from '../../../src/orders/rules/record.js';
import type { Policy } from '../../../src/orders/rules/policy.js';
import { aRefundRow } from '../../refunds/rules/fixtures.js';
import { aRow, recordOf } from './rows.js';
import { nextStep, type Step } from '../../../src/orders/rules/next-step.js';
import { nextPollMs } from '../../../src/orders/rules/schedules.js';
import { attemptOf, type OrderState } from '../../../src/orders/rules/state.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { anOrder, aTrade, DEADLINE_MS, fen, FIRST, ORDER_NO, projected, SECOND, START_MS } from './fixtures.js';
import { flat, flatAttempt } from './flat.js';

/** What the payer and the wire do, and when (milliseconds after the start). */
export type Plot = {
  readonly pays: readonly {
    readonly atMs: number;
    readonly attempt: 1 | 2;
    readonly totalFen: number;
    readonly force: boolean;
  }[];
  /** Per payment: when its notifies arrive after it. None: lost. */
  readonly notifyDelaysMs: readonly (readonly number[])[];
  /** Trades that somebody else opened under numbers of the order, before PaySaga asked for them. */
  readonly foreign?: readonly { readonly attempt: number; readonly state: Trade['state'] }[];
  /** WeChat Pay refuses the re-entry of a number whose first answer was lost. */
  readonly losesCodes?: boolean;
  readonly closeRequestedAtMs: number | null;
  readonly secondAttemptAtMs: number | null;
  readonly policy: Policy;
  /** What the shop says about its goods. */
  readonly report: { readonly atMs: number; readonly outcome: 'fulfilled' | 'rejected' } | null;
  /** Calls that fail without an answer, by their running number; every second one takes effect. */
  readonly unanswered: readonly number[];
};

type Trade = {
  state: 'NOTPAY' | 'CLOSED' | 'SUCCESS';
  totalFen: number;
  readonly foreign?: boolean;
  successAtMs?: number;
};

export type Outcome = {
  readonly state: OrderState;
  readonly trades: ReadonlyMap<OutTradeNo, Trade>;
  /** What the shop was told, and the attempts whose money was sent back. */
  readonly told: readonly MerchantEventType[];
  readonly returns: readonly OutTradeNo[];
  readonly ended: boolean;
  /** It waited for a payer while nobody could pay it, with more than a minute left. */
  readonly idle: boolean;
};

/** Longer than any schedule: a day. */
const END_MS = START_MS + 24 * 3_600_000;
const TURNS = 4_000;

/**
 * Runs the order's pure rules against a gateway that keeps WeChat Pay's rules, on a virtual clock: the loop of the workflow
 * without Temporal. Where the loop would end, it is woken again by later notifies, as a resumed order is.
 */
export function play(plot: Plot): Outcome {
  const trades = new Map<OutTradeNo, Trade>();
  for (const { attempt, state } of plot.foreign ?? []) {
    const successAtMs = START_MS - 3_600_000;
    trades.set(nthOutTradeNo(ORDER_NO, attempt), { state, totalFen: 1200, foreign: true, successAtMs });
  }
  const postgres: Postgres = { row: aRow(), events: [], told: [], returns: [] };
  let state = anOrder('native', plot.policy);
  let nowMs = START_MS;
  let calls = 0;
  let idle = false;
  const timeline = timelineOf(plot);

  const happenUntil = (ms: number): void => {
    for (let next = timeline[0]; next !== undefined && next.atMs <= ms; next = timeline[0]) {
      timeline.shift();
      state = next.happen(state, trades, next.atMs);
    }
  };
  const answered = (): boolean => !plot.unanswered.includes((calls += 1));

  for (let turn = 0; turn < TURNS; turn += 1) {
    happenUntil(nowMs);
    const step = nextStep(state, nowMs);
    const upcomingMs = timeline[0]?.atMs;
    if (step === undefined && upcomingMs === undefined) return { state, trades, ...postgres, ended: true, idle };
    if (step === undefined || step.kind === 'wait') {
      idle ||= waitsInVain(state, trades, nowMs);
      const untilMs = Math.min(step?.untilMs ?? END_MS, pollAtMs(state, step, nowMs), upcomingMs ?? END_MS);
      if (untilMs >= END_MS) return { state, trades, ...postgres, ended: step === undefined, idle };
      nowMs = Math.max(untilMs, nowMs + 1);
      happenUntil(nowMs);
      if (step?.kind === 'wait' && step.poll !== null && untilMs === pollAtMs(state, step, nowMs - 1)) {
        state = transition(
          state,
          { type: 'tradeAnswered', outTradeNo: step.poll, answer: query(trades, step.poll) },
          nowMs,
        );
      }
      continue;
    }
    nowMs += 100;
    state = perform(state, step, {
      trades,
      postgres,
      nowMs,
      answered: answered(),
      losesCodes: plot.losesCodes ?? false,
    });
  }
  throw new Error('the order never came to rest');
}

const waitsInVain = (state: OrderState, trades: ReadonlyMap<OutTradeNo, Trade>, nowMs: number): boolean =>
  flat(state).state === 'awaitingPayment' &&
  flat(state).ending === null &&
  DEADLINE_MS - nowMs > 60_000 &&
  state.attempts.every(({ closing }) => closing === null) &&
  !flat(state).attempts.some(({ outTradeNo, codeGiven }) => codeGiven && trades.get(outTradeNo)?.state === 'NOTPAY');

/** Polls come at the rule's times, counted from the code. */
function pollAtMs(state: OrderState, step: Step | undefined, nowMs: number): number {
  if (step?.kind !== 'wait' || step.poll === null) return END_MS;
  const openedMs = flatAttempt(attemptOf(state, step.poll))?.openedAtMs ?? START_MS;
  return nextPollMs(openedMs, nowMs);
}

type Postgres = {
  row: OrderRecord;
  events: PendingEvent[];
  readonly told: MerchantEventType[];
  readonly returns: OutTradeNo[];
};

type Turn = {
  readonly trades: Map<OutTradeNo, Trade>;
  readonly postgres: Postgres;
  readonly nowMs: number;
  readonly answered: boolean;
  readonly losesCodes: boolean;
};

function perform(state: OrderState, step: Exclude<Step, { kind: 'wait' }>, turn: Turn): OrderState {
  const { trades, postgres, nowMs, answered } = turn;
  switch (step.kind) {
    case 'load':
      throw new Error('nothing is lost in this world');
    case 'project': {
      const { projection } = projected(state);
      const row = recordOf(postgres.row, projection);
      const known = [...postgres.told, ...postgres.events.map(({ type }) => type)];
      const news = orderEvents(postgres.row, row, known).map((type) => ({
        id: `${type}/${nowMs}`,
        type,
        tried: false,
      }));
      postgres.row = row;
      postgres.events.push(...news);
      return transition(state, { type: 'projected', projection, events: [...postgres.events] }, nowMs);
    }
    case 'tell': {
      const { event } = step;
      postgres.told.push(event.type);
      postgres.events = postgres.events.filter(({ id }) => id !== event.id);
      return transition(state, { type: 'told', event, outcome: { kind: 'delivered', atMs: nowMs } }, nowMs);
    }
    case 'return': {
      const { outTradeNo, cause } = step;
      postgres.returns.push(outTradeNo);
      const refund = aRefundRow({ outTradeNo, outRefundNo: returnNoOf(outTradeNo), cause });
      postgres.row = { ...postgres.row, refunds: [...postgres.row.refunds, refund] };
      return transition(state, { type: 'returned', outTradeNo, outcome: 'started' }, nowMs);
    }
    case 'overdue':
      return transition(state, { type: 'fulfilmentDue' }, nowMs);
    case 'expire':
      return transition(state, { type: 'deadlineReached' }, nowMs);
    case 'nextNumber': {
      const number = state.attempts.length + 1;
      return transition(
        state,
        { type: 'nextReserved', outTradeNo: number > MAX_ATTEMPTS ? null : nthOutTradeNo(ORDER_NO, number) },
        nowMs,
      );
    }
    case 'prepay': {
      const { outTradeNo } = step;
      const there = trades.get(outTradeNo);
      const isRefused = there !== undefined && (there.foreign || there.state !== 'NOTPAY' || turn.losesCodes);
      if (isRefused && answered) {
        const started = transition(state, { type: 'prepayStarted', outTradeNo }, nowMs);
        const conflict = { type: 'prepayAnswered', outTradeNo, kind: 'conflict', earlierUnknown: false } as const;
        return transition(started, { ...conflict, codeExpiresAtMs: null }, nowMs);
      }
      const started = transition(state, { type: 'prepayStarted', outTradeNo }, nowMs);
      if (answered || nowMs % 200 === 0)
        trades.set(outTradeNo, trades.get(outTradeNo) ?? { state: 'NOTPAY', totalFen: 1200 });
      if (!answered) return transition(started, { type: 'prepayAbandoned', outTradeNo }, nowMs);
      const opened = { type: 'prepayAnswered', outTradeNo, kind: 'opened', earlierUnknown: false } as const;
      return transition(started, { ...opened, codeExpiresAtMs: nowMs + 7_200_000 }, nowMs);
    }
    case 'charge':
    case 'giveUp':
      throw new Error('no payer shows a code in this world');
    case 'overlong':
      return transition(state, { type: 'overlong' }, nowMs);
    case 'query': {
      const { outTradeNo } = step;
      if (!answered) return state;
      return transition(state, { type: 'tradeAnswered', outTradeNo, answer: query(trades, outTradeNo) }, nowMs);
    }
    case 'close': {
      const { outTradeNo } = step;
      const trade = trades.get(outTradeNo);
      if ((answered || nowMs % 200 === 0) && trade?.state === 'NOTPAY') trade.state = 'CLOSED';
      if (!answered) return state;
      const kind = trade?.state === 'SUCCESS' ? 'alreadyPaid' : trade === undefined ? 'notExist' : 'accepted';
      return transition(state, { type: 'closeAnswered', outTradeNo, kind }, nowMs);
    }
    default:
      return step satisfies never;
  }
}

function query(trades: ReadonlyMap<OutTradeNo, Trade>, outTradeNo: OutTradeNo): TradeAnswer {
  const trade = trades.get(outTradeNo);
  if (trade === undefined) return { kind: 'notExist' };
  if (trade.state === 'NOTPAY') return { kind: 'notPaid' };
  if (trade.state === 'CLOSED') return { kind: 'closed' };
  const { totalFen, successAtMs = START_MS } = trade;
  return {
    kind: 'paid',
    trade: aTrade({ transactionId: transactionOf(outTradeNo), totalFen: fen(totalFen), successAtMs }),
  };
}

const transactionOf = (outTradeNo: OutTradeNo): string => `4200${outTradeNo}`;

type Happening = {
  readonly atMs: number;
  readonly happen: (state: OrderState, trades: Map<OutTradeNo, Trade>, nowMs: number) => OrderState;
};

function timelineOf(plot: Plot): Happening[] {
  const timeline: Happening[] = [];
  plot.pays.forEach((pay, index) => {
    const outTradeNo = pay.attempt === 1 ? FIRST : SECOND;
    timeline.push({
      atMs: START_MS + pay.atMs,
      happen(state, trades, nowMs) {
        const trade = trades.get(outTradeNo);
        const payable = trade?.state === 'NOTPAY' && nowMs < DEADLINE_MS;
        if (trade !== undefined && trade.state !== 'SUCCESS' && (payable || pay.force)) {
          trade.state = 'SUCCESS';
          trade.totalFen = pay.totalFen;
          trade.successAtMs = nowMs;
        }
        return state;
      },
    });
    for (const delayMs of plot.notifyDelaysMs[index] ?? []) {
      timeline.push({
        atMs: START_MS + pay.atMs + delayMs,
        happen(state, trades, nowMs) {
          const trade = trades.get(outTradeNo);
          if (trade?.state !== 'SUCCESS') return state;
          const { mchid, appid, tradeType, currency } = aTrade();
          const said = {
            mchid,
            appid,
            tradeType,
            currency,
            totalFen: trade.totalFen,
            transactionId: transactionOf(outTradeNo),
          };
          return transition(state, { type: 'evidence', evidence: { source: 'notify', outTradeNo, ...said } }, nowMs);
        },
      });
    }
  });
  if (plot.closeRequestedAtMs !== null) {
    const happen: Happening['happen'] = (state, _trades, nowMs) => transition(state, { type: 'closeRequested' }, nowMs);
    timeline.push({ atMs: START_MS + plot.closeRequestedAtMs, happen });
  }
  if (plot.secondAttemptAtMs !== null) {
    const request = { type: 'attemptRequested', outTradeNo: SECOND, product: 'native', reenter: false } as const;
    const happen: Happening['happen'] = (state, _trades, nowMs) =>
      transition(state, { ...request, appid: aTrade().appid }, nowMs);
    timeline.push({ atMs: START_MS + plot.secondAttemptAtMs, happen });
  }
  if (plot.report !== null) {
    const { atMs, outcome } = plot.report;
    const happen: Happening['happen'] = (state, _trades, nowMs) =>
      transition(state, { type: 'fulfilmentReported', outcome }, nowMs);
    timeline.push({ atMs: START_MS + atMs, happen });
  }
  return timeline.sort((a, b) => a.atMs - b.atMs);
}
