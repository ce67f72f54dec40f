import { createMiddleware } from 'hono/factory';
import { ApiError } from '../api-error.js';
import type { IngressEnv } from '../env.js';

/** `burst` at once, refilled by `perSecond`; counted per API key in this process. */
export type RateLimit = { readonly perSecond: number; readonly burst: number };

export const DEFAULT_RATE_LIMIT: RateLimit = { perSecond: 200, burst: 400 };

/** A guard against one runaway client, not a quota: keys are rows an operator made, so the table stays small. */
export function rateLimit(limit: RateLimit, now: () => Date) {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return createMiddleware<IngressEnv>(async (c, next) => {
    const { keyId } = c.get('actor');
    const atMs = now().getTime();
    const last = buckets.get(keyId) ?? { tokens: limit.burst, atMs };
    const refilled = (Math.max(0, atMs - last.atMs) / 1000) * limit.perSecond;
    const tokens = Math.min(limit.burst, last.tokens + refilled);
    buckets.set(keyId, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs });
    if (tokens < 1) {
      const retryAfterSeconds = Math.max(1, Math.ceil((1 - tokens) / limit.perSecond));
      throw new ApiError('rate_limited', 'Slow down and repeat.', { retryAfterSeconds });
    }
    await next();
  });
}
