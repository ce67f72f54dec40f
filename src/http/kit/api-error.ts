import { DomainError, type DomainErrorOptions } from '../../orders/rules/domain-error.js';
import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';

/**
 * Every code an error answer may carry, its status and its title. A code is part of the API: it never changes its meaning.
 */
export const ERRORS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A valid API key is required' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  not_found: { status: 404, title: 'There is nothing here' },
  order_not_found: { status: 404, title: 'There is no such order' },
  refund_not_found: { status: 404, title: 'There is no such refund' },
  refund_not_at_wechat: { status: 404, title: 'WeChat Pay knows no such refund' },
  event_not_found: { status: 404, title: 'There is no such event' },
  bulk_not_found: { status: 404, title: 'There is no such bulk' },
  method_not_allowed: { status: 405, title: 'The path does not know this method' },
  order_conflict: { status: 409, title: 'The number is in use with other parameters' },
  order_paid: { status: 409, title: 'The order is paid' },
  order_closed: { status: 409, title: 'The order is closed' },
  order_not_payable: { status: 409, title: 'The order cannot be paid or changed in its state' },
  order_expiring: { status: 409, title: 'The order ends in less than a minute' },
  too_many_attempts: { status: 409, title: 'The order has used up its attempts' },
  order_not_paid: { status: 409, title: 'The order is not paid' },
  order_in_review: { status: 409, title: 'The order is in review' },
  refund_conflict: { status: 409, title: 'The refund number is in use with other parameters' },
  fulfilment_not_expected: { status: 409, title: 'The order requires no fulfilment' },
  fulfilment_final: { status: 409, title: 'The fulfilment is decided otherwise, or its time is over' },
  resolve_unconfirmed: { status: 409, title: 'WeChat Pay did not confirm what the decision is based on' },
  resolve_not_applicable: { status: 409, title: 'There is nothing to decide in this way' },
  money_held: { status: 409, title: 'The order holds money that this would leave behind' },
  refund_of_another_order: { status: 409, title: 'The refund is of another payment' },
  money_not_ours: { status: 409, title: 'The money was not paid to this order' },
  not_stalled: { status: 409, title: 'Its workflow goes on by itself' },
  reissue_not_allowed: { status: 409, title: 'This refund is not issued again' },
  event_withdrawn: { status: 409, title: 'The event stopped being true before the shop was told' },
  notify_unsupported: { status: 409, title: 'The notify is of a kind that is not handled' },
  misdirected: { status: 421, title: 'This host is not served here' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_encoding: { status: 415, title: 'The body is sent in an encoding that is not read here' },
  prepay_refused: { status: 422, title: 'WeChat Pay refused the prepay' },
  refund_exceeds_paid: { status: 422, title: 'More than what was paid and is not refunded' },
  refund_limit_reached: { status: 422, title: 'The payment has used up its refunds' },
  refund_too_old: { status: 422, title: 'The payment is too old to be refunded' },
  abnormal_refund_refused: { status: 422, title: 'WeChat Pay refused the abnormal refund' },
  rate_limited: { status: 429, title: 'Too many requests with this API key' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'A service PaySaga depends on does not answer' },
  close_pending: { status: 503, title: 'The open attempt is not confirmed closed yet' },
  outcome_pending: { status: 503, title: 'The outcome is not known yet' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

type ApiErrorOptions = DomainErrorOptions & { readonly cause?: unknown };

/** An error answer the caller is meant to see. The detail is for people and never repeats what was sent. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  /** For `Retry-After`; 429 and 503 always carry one. */
  readonly retryAfterSeconds: number | undefined;
  readonly gateway: GatewayRefusal | null | undefined;

  constructor(code: ErrorCode, detail: string, options: ApiErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.gateway = options.gateway;
  }
}

/** What the caller is told of an error that a use case or a route meant it to see; undefined for any other. */
export function apiErrorOf(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error;
  return error instanceof DomainError ? new ApiError(error.code, error.message, error) : undefined;
}
