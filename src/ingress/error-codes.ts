/**
 * Every code an error answer may carry, its status and its title. A code is part of the API: it never changes its meaning.
 */
export const ERRORS = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A valid API key is required' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  not_found: { status: 404, title: 'There is nothing here' },
  order_not_found: { status: 404, title: 'There is no such order' },
  method_not_allowed: { status: 405, title: 'The path does not know this method' },
  order_conflict: { status: 409, title: 'The number is in use with other parameters' },
  order_paid: { status: 409, title: 'The order is paid' },
  order_closed: { status: 409, title: 'The order is closed' },
  order_not_payable: { status: 409, title: 'The order cannot be paid or changed in its state' },
  order_expiring: { status: 409, title: 'The order ends in less than a minute' },
  too_many_attempts: { status: 409, title: 'The order has used up its attempts' },
  body_too_large: { status: 413, title: 'The body is too large' },
  prepay_refused: { status: 422, title: 'WeChat Pay refused the prepay' },
  rate_limited: { status: 429, title: 'Too many requests with this API key' },
  internal_error: { status: 500, title: 'Something went wrong here' },
  unavailable: { status: 503, title: 'A service PaySaga depends on does not answer' },
  close_pending: { status: 503, title: 'The open attempt is not confirmed closed yet' },
  outcome_pending: { status: 503, title: 'The outcome is not known yet' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES: readonly [ErrorCode, ...ErrorCode[]] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'order_not_found',
  'method_not_allowed',
  'order_conflict',
  'order_paid',
  'order_closed',
  'order_not_payable',
  'order_expiring',
  'too_many_attempts',
  'body_too_large',
  'prepay_refused',
  'rate_limited',
  'internal_error',
  'unavailable',
  'close_pending',
  'outcome_pending',
];
