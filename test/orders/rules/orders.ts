import type { OrderEvent } from '../../../src/orders/rules/events.js';
import type { OrderState, Shop } from '../../../src/orders/rules/state.js';
import { withFulfilment } from '../../../src/orders/rules/fulfilment.js';
import { attemptOf } from '../../../src/orders/rules/state.js';
import type { FulfilmentPolicy, LatePayment, Policy } from '../../../src/orders/rules/policy.js';
import {
  after,
  anEvidence,
  anOrder,
  answered,
  APPID,
  aTrade,
  fen,
  FIRST,
  opened,
  paid,
  SECOND,
  START_MS,
} from './fixtures.js';
import { flatAttempt } from './flat.js';

/** Orders in the situations that tests begin with; all of them got there by facts. */
export const openOrder = (policy: Partial<Policy> = {}): OrderState => after(anOrder('native', policy), ...opened());

export const paidOrder = (policy: Partial<Policy> = {}): OrderState => after(openOrder(policy), paid());

const closedNow: readonly OrderEvent[] = [
  answered({ kind: 'notPaid' }),
  { type: 'closeAnswered', outTradeNo: FIRST, kind: 'accepted' },
  answered({ kind: 'closed' }),
];

export const closedOrder = (latePayment: LatePayment = 'refund'): OrderState =>
  after(openOrder({ latePayment }), { type: 'closeRequested' }, ...closedNow);

/** The first attempt is closed, the second open. */
export const secondOpen = (policy: Partial<Policy> = {}): OrderState =>
  after(
    openOrder(policy),
    { type: 'attemptRequested', outTradeNo: SECOND, product: 'native', appid: APPID, reenter: false },
    ...closedNow,
    ...opened(SECOND),
  );

export const FIRST_TRADE = { transactionId: '42-first' } as const;
export const SECOND_TRADE = { transactionId: '42-second' } as const;

/** Paid by the second attempt; the first can only be paid by force. */
export const paidBySecond = (): OrderState => after(secondOpen(), paid(SECOND_TRADE, SECOND));

export const inReview = {
  amount_mismatch: (): OrderState => after(openOrder(), paid({ totalFen: fen(900) })),
  late_payment: (): OrderState => after(closedOrder('review'), paid()),
  refunded_elsewhere: (): OrderState => after(openOrder(), answered({ kind: 'refunded', trade: aTrade() })),
  evidence_conflict: (): OrderState =>
    after(openOrder(), { type: 'evidence', evidence: anEvidence() }, ...sevenTimes(answered({ kind: 'notPaid' }))),
} as const;

/** Evidence that no query confirmed, about an order that is closed. */
export const closedWithConflict = (latePayment: LatePayment = 'refund'): OrderState =>
  after(
    closedOrder(latePayment),
    { type: 'evidence', evidence: anEvidence() },
    ...sevenTimes(answered({ kind: 'closed' })),
  );

/** A query shows another transaction on the attempt that paid the order. */
export const paidWithSurplus = (): OrderState => after(paidOrder(), paid({ transactionId: '42-other' }));

export const fulfils = (onDeadline: 'refund' | 'review' = 'refund', deadlineSeconds = 600) => ({
  fulfilment: { required: true, deadlineSeconds, onDeadline } satisfies FulfilmentPolicy,
});

export const heard = (shop: Shop): OrderEvent => ({ type: 'shopHeard', shop });
export const TOLD: Shop = { kind: 'told', atMs: START_MS };

/** Overdue, and only a person may decide. */
export const overdueOrder = (why: 'review' | 'shop_unreachable'): OrderState =>
  after(paidOrder(fulfils('review')), heard(why === 'review' ? TOLD : { kind: 'unaddressed' }), {
    type: 'fulfilmentDue',
  });

/** The same order as if its shop had to deliver. */
export const toDeliver = (order: OrderState, policy: Policy): OrderState =>
  withFulfilment({ ...order, policy }, { state: 'pending' });

export const returned = (outcome: 'started' | 'nothing' | 'refused' = 'started', outTradeNo = FIRST): OrderEvent => ({
  type: 'returned',
  outTradeNo,
  outcome,
});

export const resolving = (action: 'accept' | 'return' | 'close'): OrderEvent => ({ type: 'resolveRequested', action });

export const backOf = (state: OrderState, outTradeNo = FIRST) =>
  flatAttempt(attemptOf(state, outTradeNo))?.back ?? null;

export function sevenTimes(event: OrderEvent): OrderEvent[] {
  return Array.from({ length: 7 }, () => event);
}
