import fc from 'fast-check';
import type { TradeAnswer } from '../../../src/orders/rules/gateway-answer.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import type { OrderEvent } from '../../../src/orders/rules/events.js';
import type { Step } from '../../../src/orders/rules/next-step.js';
import type { OrderState } from '../../../src/orders/rules/state.js';
import { RESOLVE_ACTIONS } from '../../../src/orders/rules/states.js';
import { transition } from '../../../src/orders/rules/transition.js';
import type { FulfilmentPolicy, Policy } from '../../../src/orders/rules/policy.js';
import { anEvidence, anOrder, aTrade, fen, FIRST, ORDER_NO, projected, SECOND, START_MS } from './fixtures.js';
import { loadedOf, storedOf } from './rows.js';

const HOUR = 3_600_000;

const aNumber = fc.constantFrom(FIRST, SECOND, nthOutTradeNo(ORDER_NO, 3));
export const aFact = fc.record({
  transactionId: fc.constantFrom('42-a', '42-b'),
  totalFen: fc.constantFrom(fen(1200), fen(1199)),
  appid: fc.constantFrom(aTrade().appid, 'wxother'),
  currency: fc.constantFrom('CNY', 'USD'),
});
export const anAnswer: fc.Arbitrary<TradeAnswer> = fc.oneof(
  fc.constantFrom<TradeAnswer>({ kind: 'notPaid' }, { kind: 'closed' }, { kind: 'notExist' }),
  fc.constant<TradeAnswer>({ kind: 'unrecognised', tradeState: 'NEW' }),
  aFact.map((fact): TradeAnswer => ({ kind: 'paid', trade: aTrade(fact) })),
  fc
    .tuple(aFact, fc.constantFrom(300, 1199, 1200))
    .map(([fact, backFen]): TradeAnswer => ({ kind: 'paid', trade: aTrade(fact), backFen })),
  aFact.map((fact): TradeAnswer => ({ kind: 'refunded', trade: aTrade(fact) })),
);
const noMoney = fc.oneof(
  fc.record({
    type: fc.constant('evidence' as const),
    evidence: fc.tuple(aNumber, aFact).map(([outTradeNo, fact]) => anEvidence({ outTradeNo, ...fact })),
  }),
  fc.record({
    type: fc.constant('prepayAnswered' as const),
    outTradeNo: aNumber,
    kind: fc.constantFrom('opened' as const, 'refused' as const, 'conflict' as const, 'taken' as const),
    codeExpiresAtMs: fc.constant(START_MS + 2 * HOUR),
    earlierUnknown: fc.boolean(),
  }),
  fc.record({ type: fc.constant('prepayStarted' as const), outTradeNo: aNumber }),
  fc.record({ type: fc.constant('prepayAbandoned' as const), outTradeNo: aNumber }),
  fc.record({
    type: fc.constant('closeAnswered' as const),
    outTradeNo: aNumber,
    kind: fc.constantFrom(
      'accepted' as const,
      'alreadyPaid' as const,
      'alreadyClosed' as const,
      'notExist' as const,
      'refused' as const,
    ),
  }),
  fc.record({
    type: fc.constant('attemptRequested' as const),
    outTradeNo: aNumber,
    product: fc.constantFrom('native' as const, 'jsapi' as const),
    appid: fc.constant(aTrade().appid),
    reenter: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('returned' as const),
    outTradeNo: aNumber,
    outcome: fc.constantFrom('started' as const, 'nothing' as const, 'refused' as const),
  }),
  fc.constantFrom(...RESOLVE_ACTIONS).map((action): OrderEvent => ({ type: 'resolveRequested', action })),
  fc.constantFrom<OrderEvent>(
    { type: 'fulfilmentReported', outcome: 'fulfilled' },
    { type: 'fulfilmentReported', outcome: 'rejected' },
    { type: 'fulfilmentDue' },
    { type: 'shopHeard', shop: { kind: 'told', atMs: START_MS } },
    { type: 'shopHeard', shop: { kind: 'unreachable' } },
    { type: 'shopHeard', shop: { kind: 'unaddressed' } },
  ),
  fc.constantFrom<OrderEvent>(
    { type: 'closeRequested' },
    { type: 'deadlineReached' },
    { type: 'recovered' },
    { type: 'asked', why: 'sync' },
    { type: 'asked', why: 'recheck' },
    { type: 'troubled', reason: 'merchant_config' },
    { type: 'troubled', reason: 'gateway_unreachable' },
  ),
);
const anEvent: fc.Arbitrary<OrderEvent> = fc.oneof(
  { weight: 3, arbitrary: noMoney },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('tradeAnswered' as const), outTradeNo: aNumber, answer: anAnswer }),
  },
);
export const aPolicy: fc.Arbitrary<Policy> = fc.record({
  latePayment: fc.constantFrom('refund', 'accept', 'review'),
  fulfilment: fc.constantFrom<FulfilmentPolicy>(
    { required: false },
    { required: true, deadlineSeconds: 600, onDeadline: 'refund' },
    { required: true, deadlineSeconds: 600, onDeadline: 'review' },
  ),
});
const aTelling = fc.array(fc.tuple(anEvent, fc.nat({ max: 10 * 60_000 })), { maxLength: 60 });
export const aStory = fc.record({ policy: aPolicy, telling: aTelling });
export type Story = typeof aStory extends fc.Arbitrary<infer T> ? T : never;

/** Tells a story and shows each step of it. */
export function tell(
  { policy, telling }: Story,
  look: (before: OrderState, event: OrderEvent, after: OrderState) => void = () => undefined,
): OrderState {
  let nowMs = START_MS;
  return telling.reduce(
    (before, [event, laterMs]) => {
      nowMs += laterMs;
      const after = transition(before, event, nowMs);
      look(before, event, after);
      return after;
    },
    anOrder('native', policy),
  );
}

/** What comes of a step of the loop, when its query is answered so. */
export function eventFor(state: OrderState, step: Exclude<Step, { kind: 'wait' }>, answer: TradeAnswer): OrderEvent {
  switch (step.kind) {
    case 'load':
      return loadedOf(storedOf(state));
    case 'project':
      return projected(state);
    case 'tell':
      return { type: 'told', event: step.event, outcome: { kind: 'later' } };
    case 'return':
      return { type: 'returned', outTradeNo: step.outTradeNo, outcome: 'started' };
    case 'overdue':
      return { type: 'fulfilmentDue' };
    case 'expire':
      return { type: 'deadlineReached' };
    case 'nextNumber':
      return { type: 'nextReserved', outTradeNo: nthOutTradeNo(ORDER_NO, state.attempts.length + 1) };
    case 'overlong':
      return { type: 'overlong' };
    case 'prepay':
      return {
        type: 'prepayAnswered',
        outTradeNo: step.outTradeNo,
        kind: 'conflict',
        codeExpiresAtMs: null,
        earlierUnknown: false,
      };
    case 'charge':
      return { type: 'chargeAnswered', outTradeNo: step.outTradeNo, kind: 'unknown', sentAtMs: null };
    case 'giveUp':
      return { type: 'reverseDecided', outTradeNo: step.outTradeNo };
    case 'query':
      return { type: 'tradeAnswered', outTradeNo: step.outTradeNo, answer };
    case 'close':
      return { type: 'closeAnswered', outTradeNo: step.outTradeNo, kind: 'accepted' };
    default:
      return step satisfies never;
  }
}
