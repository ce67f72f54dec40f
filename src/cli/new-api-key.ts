import { createHash, randomBytes } from 'node:crypto';

export type NewApiKey = { readonly key: string; readonly hash: string };

/**
 * A key of 256 random bits, to be shown once, and the hash that is kept. With nothing to guess, a single SHA-256 keeps it
 * as safe as a slow hash would, and costs a request nothing.
 */
export function newApiKey(kind: 'merchant' | 'operator'): NewApiKey {
  const key = `psk_live_${kind}_${randomBytes(32).toString('base64url')}`;
  return { key, hash: createHash('sha256').update(key, 'utf8').digest('hex') };
}
