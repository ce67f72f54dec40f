import { deadlineAfter, type DeadlineMove } from './deadline.js';
import type { OrderEvent } from './events.js';
import type { OrderRecord } from './record.js';
import { isWaiting } from './states.js';

/** What somebody asked of an order, and no workflow has answered yet. */
export type UnansweredRequest =
  | { readonly action: 'close' }
  | { readonly action: 'fulfilment'; readonly outcome: 'fulfilled' | 'rejected' }
  | DeadlineMove;

/** It counts as if the workflow had heard it: what was said in time must not become too late because nobody could be told. */
export function heard(
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
