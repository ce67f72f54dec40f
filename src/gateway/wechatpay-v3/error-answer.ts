import { z } from 'zod';
import type { ErrorAnswer } from './failure-map.js';
import type { RawAnswer } from './transport.js';

const MAX_MESSAGE_CHARACTERS = 256;

const utf8 = new TextDecoder();

const errorBody = z.object({ code: z.string().min(1).max(64), message: z.string().optional() });

/** Reads `{code, message}`, the internal code at the end of Request-ID, and Retry-After. Never throws. */
export function readError(answer: RawAnswer, now: Date): ErrorAnswer {
  const body = errorBody.safeParse(parseJson(answer.body)).data;
  return {
    status: answer.status,
    code: body?.code,
    message: (body?.message ?? '').slice(0, MAX_MESSAGE_CHARACTERS),
    internalCode: /-([0-9]+)$/.exec(answer.headers['request-id'] ?? '')?.[1],
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], now),
  };
}

export function parseJson(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : utf8.decode(body));
  } catch {
    return undefined;
  }
}

/** RFC 9110: seconds, or an HTTP date. */
function retryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  if (/^[0-9]{1,6}$/.test(value)) return Number(value) * 1_000;
  const until = Date.parse(value);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now.getTime());
}
