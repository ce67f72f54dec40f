import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Language } from '../../src/base/language.js';
import type { Mchid, OrderNo, OutRefundNo } from '../../src/base/ids.js';
import type { RefundEvidence } from '../../src/refunds/rules/events.js';
import type { RefundProjection } from '../../src/refunds/rules/state.js';
import type { RefundResolveAction, RefundResolveOutcome } from '../../src/refunds/rules/states.js';

/** A refund reads its row first: the row is the guard and knows how far it came. */
export type RefundInput = {
  readonly mchid: Mchid;
  readonly outRefundNo: OutRefundNo;
  readonly language: Language;
  readonly isAsked?: boolean;
  /** A person entered its number as that of somebody else's refund, and it is not booked yet. */
  readonly isEntered?: boolean;
  /** The order of a refund that PaySaga may not have made: its row is then written from what WeChat Pay says. */
  readonly externalOf?: OrderNo;
};

export const refundEvidenceSignal = defineSignal<[RefundEvidence]>('evidence');
/** Its number is that of a refund which somebody else made of this order. */
export const refundExternalSignal = defineSignal<[OrderNo]>('external');
export const refundResolveUpdate = defineUpdate<
  RefundResolveOutcome,
  [action: RefundResolveAction, requestId?: string]
>('resolve');
export const refundStatusQuery = defineQuery<RefundProjection | null>('status');
