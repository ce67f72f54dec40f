import type { OrderEvent } from './events.js';
import type { OrderRecord } from './record.js';
import { isWaiting } from './states.js';

/** What somebody asked of an order, and no workflow has answered yet. */
export type UnansweredRequest =
  | { readonly action: 'close' }
  | { readonly action: 'fulfilment'; readonly outcome: 'fulfilled' | 'rejected' }
  | DeadlineMove;

/** It counts as if the workflow had heard it: what was said in time must not become too late because nobody could be told. */
export function requestsHeard(
  requests: readonly UnansweredRequest[],
  terms: Pick<OrderRecord, 'createdAt' | 'expiresInSeconds'>,
  now: Date,
): OrderEvent[] {
  return requests.flatMap((request): OrderEvent[] => {
    switch (request.action) {
      case 'close':
        return [{ type: 'closeRequested' }];
      case 'fulfilment':
        return [{ type: 'fulfilmentReported', outcome: request.outcome }];
      case 'hold':
      case 'release':
      case 'extend': {
        const until = deadlineAfter(terms, request, now);
        return until === undefined ? [] : [{ type: 'deadlineMoved', untilMs: until.getTime() }];
      }
      default:
        return request satisfies never;
    }
  });
}

/**
 * What came of a request, as the order's row shows it and its workflow would answer: done, or too late. Null while it is still to
 * come, and for what leaves no trace in the row.
 */
export function outcomeShown(
  { state, fulfilment }: Pick<OrderRecord, 'state' | 'fulfilment'>,
  { action, outcome }: { readonly action: string; readonly outcome?: 'fulfilled' | 'rejected' | undefined },
): string | null {
  switch (action) {
    case 'close':
      return isWaiting(state) ? null : state;
    case 'extend':
    case 'hold':
    case 'release':
      return isWaiting(state) ? null : 'not_open';
    case 'fulfilment':
      if (fulfilment === 'none' || fulfilment === 'pending') return null;
      return fulfilment === outcome ? 'recorded' : 'final';
    default:
      return null;
  }
}

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
