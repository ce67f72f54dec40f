import type { RefundAnswer, RefundFact, RefundQueryAnswer, RefundStatus } from '../../orders/rules/gateway-answer.js';
import type { MerchantEventType, PendingEvent } from '../../shop-events/rules/event.js';
import type { Trouble } from '../../orders/rules/trouble.js';
import type { RefundProjection, StoredRefund } from './state.js';
import type { RefundResolveAction, RefundResolveOutcome } from './states.js';
import type { OrderNo, OutRefundNo } from '../../base/ids.js';

export type RefundEvent =
  | {
      readonly type: 'projected';
      readonly projection: RefundProjection;
      readonly events: readonly PendingEvent[];
    }
  | { readonly type: 'overtaken'; readonly stored: StoredRefund }
  | { readonly type: 'unwritten' | 'evidence' | 'asked' | 'recovered' }
  | RefundApplied
  | { readonly type: 'refundQueried'; readonly answer: NumberAnswer }
  /** A person compared, and says that its number is that of a refund somebody else made of this order. */
  | { readonly type: 'entered'; readonly orderNo: OrderNo }
  /** The row afterwards; null where WeChat Pay knows no refund of this order under the number. */
  | { readonly type: 'booked'; readonly stored: StoredRefund | null }
  /** A call goes on until it is answered, however long that takes. */
  | { readonly type: 'unanswered' }
  | { readonly type: 'troubled'; readonly reason: Trouble }
  | { readonly type: 'resolveRequested'; readonly action: RefundResolveAction; readonly requestId?: string | undefined }
  | { readonly type: 'abnormalRefundAnswered'; readonly answer: AppliedAnswer }
  | { readonly type: 'reissued'; readonly outcome: Extract<RefundResolveOutcome, 'resolved' | 'not_allowed'> }
  | { readonly type: 'told'; readonly event: { readonly id: string; readonly type: MerchantEventType } };

/** `otherPayment`: what WeChat Pay knows under the number is a refund of none of the order's payments. */
export type NumberAnswer = RefundQueryAnswer | { readonly kind: 'otherPayment' };

/** What an apply came to; of a refusal only its code, whose words stay in Postgres. */
export type AppliedAnswer =
  | { readonly kind: 'accepted'; readonly refund: RefundFact }
  | { readonly kind: Exclude<RefundAnswer['kind'], 'accepted' | 'notEnough'>; readonly code: string | null };

export type RefundApplied = {
  readonly type: 'refundApplied';
  readonly answer: AppliedAnswer;
  /** An earlier apply of the same number may have taken effect. */
  readonly earlierUnknown: boolean;
};

/** What a verified refund notify says, as it travels to the refund's workflow: the reason to query, no more. */
export type RefundEvidence = {
  readonly outRefundNo: OutRefundNo;
  readonly refundId: string;
  readonly status: RefundStatus;
};
