import type { Context } from 'hono';
import type { IngressEnv } from '../http/kit/route.js';
import type { AccessRefusal } from './access.js';

type Refusal = AccessRefusal | 'rate_limited' | 'unavailable' | 'internal_error';

const REFUSALS = {
  not_found: { status: 404, code: 'order_not_found', title: 'There is no such payment page' },
  gone: { status: 410, code: 'checkout_expired', title: 'This payment page has ended' },
  rate_limited: { status: 429, code: 'rate_limited', title: 'Too many requests for this order' },
  unavailable: { status: 503, code: 'unavailable', title: 'A service PaySaga depends on does not answer' },
  internal_error: { status: 500, code: 'internal_error', title: 'Something went wrong here' },
} as const satisfies Record<Refusal, { status: number; code: string; title: string }>;

/** RFC 9457, for the page's script; `retryAfterSeconds` where asking again helps. */
export function refuse(c: Context<IngressEnv>, refusal: Refusal, retryAfterSeconds?: number): Response {
  const { status, code, title } = REFUSALS[refusal];
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
  c.header('Content-Type', 'application/problem+json');
  const requestId = c.get('requestId');
  return c.body(
    JSON.stringify({ type: `urn:paysaga:error:${code}`, title, status, code, detail: title, requestId }),
    status,
  );
}
