import { createTokenBucket } from '../src/channels/flow/limits.js';

export type Clock = { readonly nowMs: () => number; readonly sleep: (ms: number) => Promise<unknown> };

/**
 * Orders a second that the bulks of one worker begin, all together. A worker on two cores opens about 45 orders a second: this
 * leaves the shops more than half of it, and of WeChat Pay's limit for queries (300) almost all.
 */
const ORDERS_PER_SECOND = 20;

/** Resolves when it is the caller's turn to begin an order. */
export function createTurns({ nowMs, sleep }: Clock): () => Promise<void> {
  const bucket = createTokenBucket(ORDERS_PER_SECOND, nowMs);
  return async () => {
    for (let waitMs = bucket.take(); waitMs > 0; waitMs = bucket.take()) await sleep(waitMs);
  };
}
