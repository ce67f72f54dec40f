import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { ApiError } from './api-error.js';
import { describeError } from './describe-error.js';
import type { IngressEnv } from './env.js';
import { isNotifyPath, notifyFailure } from './notify/failure.js';
import { isOpsPath, opsFailure } from './ops/failure.js';
import { outageOf } from './outage.js';
import { problemResponse } from './problem.js';

/** The one place that turns an error into an answer, and the one place that logs it. */
export const onError =
  (log: Logger) =>
  (error: Error, c: Context<IngressEnv>): Response | Promise<Response> =>
    answerError(log, c, toApiError(error));

/** Hono hands only errors to its error handler; whatever else is thrown becomes one first. */
export const onlyErrors = () =>
  createMiddleware<IngressEnv>(async (_, next) => {
    try {
      await next();
    } catch (thrown) {
      throw thrown instanceof Error ? thrown : new Error('Something other than an error was thrown', { cause: thrown });
    }
  });

export const onNotFound =
  (log: Logger) =>
  (c: Context<IngressEnv>): Response | Promise<Response> =>
    answerError(log, c, new ApiError('not_found', 'No such path.'));

export function answerError(log: Logger, c: Context<IngressEnv>, error: ApiError): Response | Promise<Response> {
  const requestId = c.get('requestId');
  c.set('errorCode', error.code);
  // What we say ourselves has no cause: then it is the reason.
  const reason = describeError(error.cause ?? error);
  if (error.code === 'internal_error') log.error({ requestId, error: reason }, 'unexpected error');
  else if (outageOf(error.cause) !== undefined) log.warn({ requestId, error: reason }, 'dependency unavailable');
  if (isOpsPath(c.req.path)) return opsFailure(c, error);
  return isNotifyPath(c.req.path) ? notifyFailure(error, requestId) : problemResponse(error, requestId);
}

function toApiError(error: Error): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof HTTPException && error.status === 415) {
    return new ApiError('invalid_request', 'The body must be sent as "Content-Type: application/json".');
  }
  if (error instanceof HTTPException && error.status === 400) {
    return new ApiError('invalid_request', 'The body is missing or is not valid JSON.');
  }
  return (
    outageOf(error) ?? new ApiError('internal_error', 'The request failed here. Quote the requestId.', { cause: error })
  );
}
