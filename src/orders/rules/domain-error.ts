import type { GatewayRefusal } from './gateway-answer.js';

/** Why something that was asked of PaySaga is not done. A code never changes its meaning: the API answers by it, a bulk keeps it. */
export type DomainErrorCode =
  | 'invalid_request'
  | 'not_found'
  | 'order_not_found'
  | 'refund_not_found'
  | 'refund_not_at_wechat'
  | 'refund_above_limit'
  | 'approval_not_found'
  | 'approval_final'
  | 'own_approval'
  | 'event_not_found'
  | 'order_conflict'
  | 'order_paid'
  | 'order_closed'
  | 'order_not_payable'
  | 'order_expiring'
  | 'too_many_attempts'
  | 'order_not_paid'
  | 'order_in_review'
  | 'refund_conflict'
  | 'fulfilment_not_expected'
  | 'fulfilment_final'
  | 'resolve_unconfirmed'
  | 'resolve_not_applicable'
  | 'money_held'
  | 'refund_of_another_order'
  | 'money_not_ours'
  | 'not_stalled'
  | 'reissue_not_allowed'
  | 'event_withdrawn'
  | 'event_unaddressed'
  | 'notify_unsupported'
  | 'prepay_refused'
  | 'charge_refused'
  | 'refund_exceeds_paid'
  | 'refund_limit_reached'
  | 'refund_too_old'
  | 'abnormal_refund_refused'
  | 'date_in_future'
  | 'bill_not_ready'
  | 'date_too_old'
  | 'reconciliation_not_found'
  | 'discrepancy_not_found'
  | 'discrepancy_not_open'
  | 'close_too_early'
  | 'close_pending'
  | 'outcome_pending';

export type DomainErrorOptions = {
  /** How soon asking again is worth it, while the outcome is not known. */
  readonly retryAfterSeconds?: number | undefined;
  /** WeChat Pay's own words, with `prepay_refused` and `charge_refused`. */
  readonly gateway?: GatewayRefusal | null | undefined;
};

/** What a use case throws. The message is for people and never repeats what was sent. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: DomainErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly gateway: GatewayRefusal | null | undefined;

  constructor(code: DomainErrorCode, message: string, options: DomainErrorOptions = {}) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.gateway = options.gateway;
  }
}
