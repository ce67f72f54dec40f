import type { OrderEvent } from '../src/domain/order/events.js';
import type { OrderState } from '../src/domain/order/state.js';
import { transition } from '../src/domain/order/transition.js';

/** All that one order's workflow knows. Handlers fold facts in; only the loop acts on them. */
export type Facts = { readonly now: OrderState; fold(event: OrderEvent): void };

export function keepFacts(initial: OrderState): Facts {
  let now = initial;
  return {
    get now() {
      return now;
    },
    fold(event) {
      now = transition(now, event, Date.now());
    },
  };
}
