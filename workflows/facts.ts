import type { OrderEvent } from '../src/domain/order/events.js';
import type { OrderState } from '../src/domain/order/state.js';
import type { Language } from '../src/domain/explain.js';
import { transition } from '../src/domain/order/transition.js';

/** All that one order's workflow knows. Handlers fold facts in; only the loop acts on them. */
export type Facts = {
  readonly now: OrderState;
  /** Of the cards a person reads. */
  readonly language: Language;
  fold(event: OrderEvent): void;
};

export function keepFacts(initial: OrderState, language: Language): Facts {
  let now = initial;
  return {
    get now() {
      return now;
    },
    language,
    fold(event) {
      now = transition(now, event, Date.now());
    },
  };
}
