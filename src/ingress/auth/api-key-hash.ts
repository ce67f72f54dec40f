import { createHash } from 'node:crypto';

/**
 * API keys are 256 random bits, so a single SHA-256 is enough: there is nothing to guess, and a slow hash would only slow
 * each request. What is stored cannot be turned back into a key.
 */
export const apiKeyHash = (key: string): string => createHash('sha256').update(key, 'utf8').digest('hex');

/** `psk_live_<kind>_` and 32 bytes in base64url. */
export const looksLikeApiKey = (text: string): boolean => /^psk_live_(merchant|operator)_[0-9A-Za-z_-]{43}$/.test(text);
