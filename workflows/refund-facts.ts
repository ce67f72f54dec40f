import type { Language } from '../src/domain/explain.js';
import type { RefundEvent } from '../src/domain/refund/events.js';
import type { RefundState } from '../src/domain/refund/state.js';
import { refundTransition } from '../src/domain/refund/transition.js';

/** All that one refund's workflow knows; as an order's {@link Facts}. */
export type RefundFacts = {
  readonly now: RefundState;
  readonly language: Language;
  fold(event: RefundEvent): void;
};

export function keepRefundFacts(initial: RefundState, language: Language): RefundFacts {
  let now = initial;
  return {
    get now() {
      return now;
    },
    language,
    fold(event) {
      now = refundTransition(now, event, Date.now());
    },
  };
}
