import { createMiddleware } from 'hono/factory';
import { createKeyedRate, wholeSeconds, type Rate } from '../../base/rate.js';
import { ApiError } from '../api-error.js';
import type { IngressEnv } from '../env.js';

export const DEFAULT_RATE_LIMIT: Rate = { burst: 400, intervalMs: 5 };

/** By API key: a guard against one runaway client, not a quota. */
export function rateLimit(limit: Rate, now: () => Date) {
  const calls = createKeyedRate(limit, now);
  return createMiddleware<IngressEnv>(async (c, next) => {
    const { keyId } = c.get('actor');
    const waitMs = calls.waitMs(keyId);
    if (waitMs > 0)
      throw new ApiError('rate_limited', 'Slow down and repeat.', { retryAfterSeconds: wholeSeconds(waitMs) });
    calls.count(keyId);
    await next();
  });
}
