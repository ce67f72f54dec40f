import type { OrderRecord } from './record.js';

/** From creation: longer than that PaySaga waits for nobody's payment. */
export const MAX_LIFE_MS = 7 * 24 * 3_600_000;

export type DeadlineMove =
  { readonly action: 'extend'; readonly until: Date } | { readonly action: 'hold' | 'release' };

/**
 * Where a move puts the deadline: `hold` at the end of the order's longest life, `release` where it was created with, or now if
 * that has passed. Undefined for an `extend` into the past or beyond the longest life.
 */
export function deadlineAfter(
  { createdAt, expiresInSeconds }: Pick<OrderRecord, 'createdAt' | 'expiresInSeconds'>,
  move: DeadlineMove,
  now: Date,
): Date | undefined {
  const createdMs = createdAt.getTime();
  const endMs = createdMs + MAX_LIFE_MS;
  switch (move.action) {
    case 'hold':
      return new Date(endMs);
    case 'release':
      return new Date(Math.max(createdMs + expiresInSeconds * 1_000, now.getTime()));
    case 'extend': {
      const untilMs = move.until.getTime();
      return untilMs > now.getTime() && untilMs <= endMs ? move.until : undefined;
    }
    default:
      return move satisfies never;
  }
}
