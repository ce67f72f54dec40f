import { createMiddleware } from 'hono/factory';
import { findApiKey } from '../../access/store/api-key.js';
import type { Db } from '../../db/connection.js';
import type { Mchid } from '../../base/ids.js';
import { ApiError } from '../api-error.js';
import type { IngressEnv } from '../env.js';
import type { Actor } from './actor.js';
import { apiKeyHash, looksLikeApiKey } from './api-key-hash.js';

/** Who calls. Nothing is cached: a revoked key fails at its next request. */
export const authenticate = (db: Db) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    c.set('actor', await actorOf(db, c.req.header('authorization')));
    await next();
  });

/** For which merchant; for the calls that are about one. */
export const chooseMerchant = () =>
  createMiddleware<IngressEnv>(async (c, next) => {
    c.set('mchid', mchidFor(c.get('actor'), c.req.query('mchid')));
    await next();
  });

/** For which merchants, where none has to be named. */
export const mchidsFor = (actor: Actor, asked: string | undefined): readonly Mchid[] =>
  asked === undefined ? actor.mchids : [mchidFor(actor, asked)];

/** For operators' calls only. */
export function requireOperator(actor: Actor): Actor {
  if (actor.kind !== 'operator') throw new ApiError('forbidden', 'This call needs an operator key.');
  return actor;
}

/** Whether a long-lived stream may go on. */
export async function isStillValid(db: Db, actor: Actor): Promise<boolean> {
  return (await findApiKey(db, actor.keyHash)) !== undefined;
}

async function actorOf(db: Db, header: string | undefined): Promise<Actor> {
  const key = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (key === undefined) throw new ApiError('unauthorized', 'Send the API key as "Authorization: Bearer <key>".');
  const keyHash = apiKeyHash(key);
  const record = looksLikeApiKey(key) ? await findApiKey(db, keyHash) : undefined;
  if (record === undefined) throw new ApiError('unauthorized', 'The API key is not known or was revoked.');
  return { keyId: record.id, kind: record.kind, keyHash, name: record.name, mchids: record.mchids };
}

function mchidFor(actor: Actor, asked: string | undefined): Mchid {
  const [only, ...others] = actor.mchids;
  if (asked === undefined) {
    if (only !== undefined && others.length === 0) return only;
    throw new ApiError('invalid_request', 'This key acts for several merchants: name one with "?mchid=".');
  }
  const named = actor.mchids.find((mchid) => mchid === asked);
  if (named === undefined) throw new ApiError('forbidden', 'This key does not act for that merchant.');
  return named;
}
