import { z } from '@hono/zod-openapi';
import { gatewaySchema } from './order-schema.js';
import type { ApiError } from './api-error.js';
import { ERROR_CODES, ERRORS } from './error-codes.js';

/** RFC 9457. `code` is what a program switches on; `detail` is for people. */
export const problemSchema = z
  .strictObject({
    type: z.string().openapi({ example: 'urn:paysaga:error:order_conflict' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(ERROR_CODES),
    detail: z.string(),
    requestId: z.string(),
    gateway: gatewaySchema
      .nullable()
      .optional()
      .openapi({ description: "WeChat Pay's own answer; only with `prepay_refused`." }),
  })
  .openapi('Problem');

export type Problem = z.infer<typeof problemSchema>;

/** What 429 and 503 say where nothing better is known. */
const RETRY_AFTER_SECONDS = 1;

export function problemResponse(error: ApiError, requestId: string): Response {
  const { status, title } = ERRORS[error.code];
  const problem: Problem = {
    type: `urn:paysaga:error:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    requestId,
    ...(error.gateway === undefined ? {} : { gateway: error.gateway }),
  };
  const headers = new Headers({ 'Content-Type': 'application/problem+json', 'X-Request-Id': requestId });
  if (status === 401) headers.set('WWW-Authenticate', 'Bearer');
  if (status === 429 || status === 503)
    headers.set('Retry-After', String(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS));
  return new Response(JSON.stringify(problem), { status, headers });
}
