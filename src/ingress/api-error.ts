import type { GatewayRefusal } from '../domain/gateway-answer.js';
import type { ErrorCode } from './error-codes.js';

export type ApiErrorOptions = {
  /** For `Retry-After`; 429 and 503 always carry one. */
  readonly retryAfterSeconds?: number;
  /** WeChat Pay's own words, with `prepay_refused`. */
  readonly gateway?: GatewayRefusal | null;
  readonly cause?: unknown;
};

/** An error answer the caller is meant to see. The detail is for people and never repeats what was sent. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  readonly retryAfterSeconds: number | undefined;
  readonly gateway: GatewayRefusal | null | undefined;

  constructor(code: ErrorCode, detail: string, options: ApiErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.gateway = options.gateway;
  }
}
