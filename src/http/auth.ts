import { createMiddleware } from 'hono/factory';
import { findApiKey } from '../access/store/api-key.js';
import type { Db } from '../db/connection.js';
import { ApiError } from './kit/api-error.js';
import type { IngressEnv } from './kit/route.js';
import { type Actor, actorOfKey, apiKeyHash, looksLikeApiKey, mchidFor, requireMayAct } from './kit/actor.js';
import { createKeyedRate, wholeSeconds, type Rate } from '../base/rate.js';

/** Nothing is cached: a revoked key fails at its next request. A key that may only read does nothing else. */
export const authenticate = (db: Db) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    const actor = await actorOf(db, c.req.header('authorization'));
    requireMayAct(actor, c.req.method);
    c.set('actor', actor);
    await next();
  });

export const chooseMerchant = () =>
  createMiddleware<IngressEnv>(async (c, next) => {
    c.set('mchid', mchidFor(c.get('actor'), c.req.query('mchid')));
    await next();
  });

async function actorOf(db: Db, header: string | undefined): Promise<Actor> {
  const key = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (key === undefined) throw new ApiError('unauthorized', 'Send the API key as "Authorization: Bearer <key>".');
  const keyHash = apiKeyHash(key);
  const record = looksLikeApiKey(key) ? await findApiKey(db, keyHash) : undefined;
  if (record === undefined) throw new ApiError('unauthorized', 'The API key is not known or was revoked.');
  return actorOfKey(record, keyHash);
}

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
