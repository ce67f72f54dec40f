import type { PaidTrade } from '../../../src/orders/rules/gateway-answer.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { parseMchid, parseOrderNo, type OutTradeNo } from '../../../src/base/ids.js';
import type { PendingEvent } from '../../../src/shop-events/rules/event.js';
import { parseFen } from '../../../src/base/money.js';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import type { Evidence } from '../../../src/orders/rules/evidence.js';
import { newAttempt } from '../../../src/orders/rules/attempt.js';
import { newOrder } from '../../../src/orders/rules/beginning.js';
import type { OrderState } from '../../../src/orders/rules/state.js';
import { isChanged, projectionOf } from '../../../src/orders/rules/projection.js';
import { transition } from '../../../src/orders/rules/transition.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/orders/rules/policy.js';
import type { Product } from '../../../src/orders/rules/product.js';
import type { Result } from '../../../src/base/result.js';

export function must<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

export const fen = (value: number) => must(parseFen(value));
export const MCHID = must(parseMchid('1900000001'));
export const ORDER_NO = must(parseOrderNo('A-10001'));
export const APPID = 'wx1234567890';
export const FIRST = nthOutTradeNo(ORDER_NO, 1);
export const SECOND = nthOutTradeNo(ORDER_NO, 2);
export const START_MS = Date.parse('2026-03-01T00:00:00Z');
export const DEADLINE_MS = START_MS + 7_200_000;

/** An order that just started, with one attempt that wants its code. */
export function anOrder(product: Product = 'native', policy: Partial<Policy> = {}): OrderState {
  return newOrder({
    mchid: MCHID,
    orderNo: ORDER_NO,
    amountFen: fen(1200),
    createdAtMs: START_MS,
    deadlineMs: DEADLINE_MS,
    policy: { ...DEFAULT_POLICY, ...policy },
    attempts: [newAttempt(FIRST, product, APPID)],
  });
}

export function aTrade(fields: Partial<PaidTrade> = {}): PaidTrade {
  return {
    transactionId: '4200000001',
    mchid: MCHID,
    appid: APPID,
    tradeType: 'NATIVE',
    totalFen: fen(1200),
    currency: 'CNY',
    successAtMs: START_MS + 5_000,
    ...fields,
  };
}

export function anEvidence(fields: Partial<Evidence> = {}): Evidence {
  const { transactionId, mchid, appid, tradeType, totalFen, currency } = aTrade();
  return { source: 'notify', outTradeNo: FIRST, transactionId, mchid, appid, tradeType, totalFen, currency, ...fields };
}

/** Folds events one second apart, each written down at once as the loop would. */
export function after(state: OrderState, ...events: OrderEvent[]): OrderState {
  return events.reduce((folded, event, index) => written(transition(folded, event, START_MS + index * 1_000)), state);
}

export const written = (state: OrderState): OrderState =>
  isChanged(state) ? transition(state, projected(state), START_MS) : state;

export const projected = (
  state: OrderState,
  events: readonly PendingEvent[] = [],
): Extract<OrderEvent, { type: 'projected' }> => ({ type: 'projected', projection: projectionOf(state), events });

export const opened = (outTradeNo: OutTradeNo = FIRST): OrderEvent[] => [
  { type: 'prepayStarted', outTradeNo },
  { type: 'prepayAnswered', outTradeNo, kind: 'opened', codeExpiresAtMs: DEADLINE_MS, earlierUnknown: false },
];

export const answered = (
  answer: Extract<OrderEvent, { type: 'tradeAnswered' }>['answer'],
  outTradeNo: OutTradeNo = FIRST,
): OrderEvent => ({ type: 'tradeAnswered', outTradeNo, answer });

export const paid = (fields: Partial<PaidTrade> = {}, outTradeNo: OutTradeNo = FIRST): OrderEvent =>
  answered({ kind: 'paid', trade: aTrade(fields) }, outTradeNo);
