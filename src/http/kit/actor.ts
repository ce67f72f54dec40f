import { createHash } from 'node:crypto';
import type { Mchid } from '../../base/ids.js';
import { findApiKey, type ApiKeyRecord } from '../../access/store/api-key.js';
import type { Db } from '../../db/connection.js';
import { mayAct, type OperatorRole } from '../../access/rules/role.js';
import type { KeyedAsker } from '../../actions/use-cases/recorded-action.js';
import { ApiError } from './api-error.js';

/** The API key that calls. */
export type Actor = {
  readonly keyId: string;
  readonly kind: 'merchant' | 'operator';
  readonly keyHash: string;
  readonly name: string | null;
  readonly mchids: readonly Mchid[];
  readonly role: OperatorRole;
  /** What it may give back of one order in all; null: no limit. */
  readonly refundLimitFen: number | null;
};

export function actorOfKey(record: ApiKeyRecord, keyHash: string): Actor {
  const { id: keyId, kind, name, mchids, role, refundLimitFen } = record;
  return { keyId, kind, keyHash, name, mchids, role, refundLimitFen };
}

export const actorLabel = (actor: Actor): string =>
  actor.name === null ? actor.keyId : `${actor.name} (${actor.keyId})`;

export const mchidsFor = (actor: Actor, asked: string | undefined): readonly Mchid[] =>
  asked === undefined ? actor.mchids : [mchidFor(actor, asked)];

/** For operators' calls only. Throws `forbidden`. */
export function requireOperator(actor: Actor): Actor {
  if (actor.kind !== 'operator') throw new ApiError('forbidden', 'This call needs an operator key.');
  return actor;
}

/** Throws `forbidden` for what is more than looking. */
export function requireMayAct(actor: Actor, method: string): void {
  if (READING.includes(method) || mayAct(actor)) return;
  throw new ApiError('forbidden', 'This key may only read (its role is readOnly). Nothing was done.');
}

const READING: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export async function isStillValid(db: Db, actor: Actor): Promise<boolean> {
  return (await findApiKey(db, actor.keyHash)) !== undefined;
}

export const operatorAsker = (actor: Actor, reason: string): KeyedAsker => askerOf(requireOperator(actor), reason);

/** A person, or the shop's backend. */
export const askerOf = (actor: Actor, reason: string | null): KeyedAsker => ({
  actor: actorLabel(actor),
  reason,
  key: { id: actor.keyId, name: actor.kind === 'operator' ? actor.name : null, refundLimitFen: actor.refundLimitFen },
});

/** The merchant a call is about. Throws `invalid_request` where several could be meant. */
export function mchidFor(actor: Actor, asked: string | undefined): Mchid {
  const [only, ...others] = actor.mchids;
  if (asked === undefined) {
    if (only !== undefined && others.length === 0) return only;
    throw new ApiError('invalid_request', 'This key acts for several merchants: name one with "?mchid=".');
  }
  const named = actor.mchids.find((mchid) => mchid === asked);
  if (named === undefined) throw new ApiError('forbidden', 'This key does not act for that merchant.');
  return named;
}

/** With 256 random bits to guess, a single SHA-256 is as safe as a slow hash. */
export const apiKeyHash = (key: string): string => createHash('sha256').update(key, 'utf8').digest('hex');

/** `psk_live_<kind>_`, `psk_test_<kind>_` where no money is real, and 32 bytes in base64url. */
export const looksLikeApiKey = (text: string): boolean =>
  /^psk_(live|test)_(merchant|operator)_[0-9A-Za-z_-]{43}$/.test(text);

/** Text of a caller's choice, as it may be logged: a key that was pasted into the wrong place is cut out of it. */
export const withoutKeys = (text: string): string => text.replace(/psk_(live|test)_[0-9A-Za-z_-]+/g, '[key]');
