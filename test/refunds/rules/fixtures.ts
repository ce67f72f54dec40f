import type { RefundFact } from '../../../src/orders/rules/gateway-answer.js';
import { returnNoOf, type OutRefundNo } from '../../../src/base/ids.js';
import type { AppliedAnswer, NumberAnswer, RefundEvent } from '../../../src/refunds/rules/events.js';
import {
  isRefundChanged,
  refundProjectionOf,
  refundOf,
  storedRefund,
  type RefundState,
  type StoredRefund,
} from '../../../src/refunds/rules/state.js';
import type { RefundStateName } from '../../../src/refunds/rules/states.js';
import type { RefundRecord } from '../../../src/refunds/rules/record.js';
import { refundTransition } from '../../../src/refunds/rules/transition.js';
import { fen, FIRST, MCHID, ORDER_NO, START_MS } from '../../orders/rules/fixtures.js';

export const OWN: OutRefundNo = returnNoOf(FIRST);

/** A refund of PaySaga's own as Postgres holds it, reserved and not sent. */
export function aRefundRow(fields: Partial<RefundRecord> = {}): RefundRecord {
  return {
    mchid: MCHID,
    outRefundNo: OWN,
    orderNo: ORDER_NO,
    outTradeNo: FIRST,
    amountFen: fen(1200),
    totalFen: fen(1200),
    state: 'requested',
    cause: 'late_payment',
    reason: null,
    offline: false,
    refundId: null,
    channel: null,
    receivedAccount: null,
    acceptedAt: null,
    gateway: null,
    predecessor: null,
    stalledSince: null,
    trouble: null,
    createdAt: new Date(START_MS),
    appliedAt: null,
    succeededAt: null,
    ...fields,
  };
}

export const aStoredRefund = (fields: Partial<RefundRecord> = {}): StoredRefund => storedRefund(aRefundRow(fields), []);

export const aRefund = (fields: Partial<RefundRecord> = {}): RefundState => refundOf(aStoredRefund(fields));

export function aRefundFact(fields: Partial<RefundFact> = {}): RefundFact {
  return {
    refundId: '50000001',
    outRefundNo: OWN,
    outTradeNo: FIRST,
    transactionId: '4200000001',
    status: 'processing',
    refundFen: fen(1200),
    totalFen: fen(1200),
    successAtMs: null,
    ...fields,
  };
}

export const applied = (answer: AppliedAnswer, earlierUnknown = false): RefundEvent => ({
  type: 'refundApplied',
  answer,
  earlierUnknown,
});

export const accepted = (fields: Partial<RefundFact> = {}): RefundEvent =>
  applied({ kind: 'accepted', refund: aRefundFact(fields) });

export const queried = (answer: NumberAnswer): RefundEvent => ({ type: 'refundQueried', answer });

export const found = (fields: Partial<RefundFact> = {}): RefundEvent =>
  queried({ kind: 'found', refund: aRefundFact(fields) });

export const missing: RefundEvent = queried({ kind: 'notExist' });

export const resolving = (action: 'abnormalRefund' | 'reissue' | 'paidOffline'): RefundEvent => ({
  type: 'resolveRequested',
  action,
});

/** Folds events at one moment, each written down at once as the loop would. */
export const refundAfter = (state: RefundState, ...events: RefundEvent[]): RefundState =>
  events.reduce((folded, event) => refundWritten(refundTransition(folded, event, START_MS)), state);

export const refundWritten = (state: RefundState): RefundState =>
  isRefundChanged(state) ? refundTransition(state, refundProjected(state), START_MS) : state;

export const refundProjected = (
  state: RefundState,
  events: RefundState['telling']['outbox'] = [],
): Extract<RefundEvent, { type: 'projected' }> => ({
  type: 'projected',
  projection: refundProjectionOf(state),
  events,
});

/** The same refund in another state of WeChat Pay's. */
export function inState(refund: RefundState, state: RefundStateName): RefundState {
  return { ...refund, phase: aRefund({ state }).phase };
}
