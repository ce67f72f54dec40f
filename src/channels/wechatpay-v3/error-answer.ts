import { parseJson } from '../../base/parse-json.js';
import { z } from 'zod';
import { MAX_GATEWAY_WAIT_MS, parseRetryAfter } from '../../base/outside-time.js';
import type { ErrorAnswer } from './failure-map.js';
import { maybeText } from './text.js';
import type { RawAnswer } from './transport.js';

/** `detail` names the parameter that was refused; its `value` may be an openid and is left out. */
const errorDetail = z
  .object({ field: maybeText(128), issue: maybeText(256) })
  .transform(({ field, issue }) => (field === null && issue === null ? null : { field, issue }))
  .optional()
  .catch(undefined);

const errorBody = z.object({
  code: z.string().regex(/^\w{1,64}$/),
  message: maybeText(256),
  detail: errorDetail,
});

/** Reads `{code, message, detail}`, the internal code at the end of Request-ID, and Retry-After. Never throws. */
export function readError(answer: RawAnswer, now: Date): ErrorAnswer {
  const body = errorBody.safeParse(parseJson(answer.body)).data;
  return {
    status: answer.status,
    code: body?.code,
    message: body?.message ?? '',
    detail: body?.detail ?? null,
    internalCode: /-([0-9]+)$/.exec(answer.headers['request-id'] ?? '')?.[1],
    retryAfterMs: parseRetryAfter(answer.headers['retry-after'], now, MAX_GATEWAY_WAIT_MS) ?? undefined,
  };
}
