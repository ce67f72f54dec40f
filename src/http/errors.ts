import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { ApiError, apiErrorOf, outageOf } from './kit/api-error.js';
import { describeError } from '../base/describe-error.js';
import type { IngressEnv } from './kit/route.js';
import { problemResponse, type ErrorForm } from './kit/problem.js';

export type Errors = {
  readonly log: Logger;
  readonly forms: readonly ErrorForm[];
};

/** The one place that turns an error into an answer, and the one place that logs it. */
export const onError =
  (errors: Errors) =>
  (error: Error, c: Context<IngressEnv>): Response | Promise<Response> =>
    answerError(errors, c, toApiError(error));

/** Hono's error handler gets errors alone; other thrown values become one first. */
export const onlyErrors = () =>
  createMiddleware<IngressEnv>(async (_, next) => {
    try {
      await next();
    } catch (thrown) {
      throw thrown instanceof Error ? thrown : new Error('Something other than an error was thrown', { cause: thrown });
    }
  });

export const onNotFound =
  (errors: Errors) =>
  (c: Context<IngressEnv>): Response | Promise<Response> =>
    answerError(errors, c, new ApiError('not_found', 'No such path.'));

function answerError({ log, forms }: Errors, c: Context<IngressEnv>, error: ApiError): Response | Promise<Response> {
  const requestId = c.get('requestId');
  c.set('errorCode', error.code);
  const reason = describeError(error.cause ?? error);
  if (error.code === 'internal_error') log.error({ requestId, error: reason }, 'unexpected error');
  else if (outageOf(error.cause) !== undefined) log.warn({ requestId, error: reason }, 'dependency unavailable');
  const form = forms.find(({ covers }) => covers(c.req.path));
  return form === undefined ? problemResponse(error, requestId) : form.answer(c, error);
}

function toApiError(error: Error): ApiError {
  const said = apiErrorOf(error) ?? outageOf(error);
  if (said !== undefined) return said;
  if (error instanceof HTTPException && error.status === 415) {
    return new ApiError('invalid_request', 'The body must be sent as "Content-Type: application/json".');
  }
  if (error instanceof HTTPException && error.status === 400) {
    return new ApiError('invalid_request', 'The body is missing or is not valid JSON.');
  }
  return new ApiError('internal_error', 'The request failed here. Quote the requestId.', { cause: error });
}

const MAX_ISSUES = 5;
const MAX_DETAIL = 500;

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** Names each field and what it must be, never what was sent. */
export function invalidInput(target: string, issues: readonly Issue[]): ApiError {
  const where = target === 'json' ? '' : `${target} `;
  const found = issues.slice(0, MAX_ISSUES).map(({ path, message }) => {
    const field = path.map(String).join('.');
    return field === '' ? message : `${where}${field}: ${message}`;
  });
  return new ApiError('invalid_request', found.join('; ').slice(0, MAX_DETAIL));
}

/** 405 for a path that knows other methods; `OPTIONS` lists them. No CORS: browsers of other origins get nothing. */
export const allowedMethods = (app: OpenAPIHono<IngressEnv>, errors: Errors) =>
  methodNotAllowed<IngressEnv>({
    app,
    onMethodNotAllowed: async (c, methods) => {
      const allow = [...methods, 'OPTIONS'].join(', ');
      if (c.req.method === 'OPTIONS') {
        c.set('errorCode', undefined);
        return c.body(null, 204, { Allow: allow });
      }
      const response = await answerError(errors, c, new ApiError('method_not_allowed', `This path knows ${allow}.`));
      response.headers.set('Allow', allow);
      return response;
    },
  });
