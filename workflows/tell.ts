import type { PendingEvent } from '../src/domain/merchant-event/event.js';
import type { ToldOutcome } from '../activities/merchant-event.js';
import { local } from './proxies.js';
import { isSuperseded, type Stepper } from './step.js';

/** Tells the shop once, briefly. Whatever comes of it but a 2xx is left to the event's own workflow. */
export async function tryToTell(step: Stepper, event: PendingEvent): Promise<ToldOutcome> {
  if (event.tried) return { kind: 'later' };
  const outcome = await step<ToldOutcome>({
    local: () => local(`tell ${event.type}`).tellShop({ eventId: event.id }),
    durable: () => Promise.resolve({ kind: 'later' }),
  });
  return isSuperseded(outcome) ? { kind: 'later' } : outcome;
}
