import { deadlineAfter, type DeadlineMove } from './deadline.js';
import type { OrderEvent } from './events.js';
import type { OrderRecord } from './record.js';

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
