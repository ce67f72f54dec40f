import { HOUR, MINUTE, SECOND } from '../../base/time.js';

/** Standard Webhooks' table of waits between tries, from the first. */
const DELAYS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Waits vary by a tenth, so that a shop that comes back is not met by everything at once. */
const JITTER = 0.1;

/**
 * Milliseconds to the next try after `tries` that failed; `undefined` after the last. `chance` is uniform in 0..1;
 * `retryAfterMs` is what the shop asked for, and only makes it later.
 */
export function deliveryDelayMs(tries: number, chance: number, retryAfterMs: number | null): number | undefined {
  const delayMs = DELAYS_MS[tries - 1];
  if (delayMs === undefined) return undefined;
  const varied = Math.round(delayMs * (1 + JITTER * (2 * chance - 1)));
  return Math.max(varied, Math.min(retryAfterMs ?? 0, 24 * HOUR));
}
