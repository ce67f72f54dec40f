import type { Mchid } from '../src/base/ids.js';
import type { PendingEvent } from '../src/shop-events/rules/event.js';
import type { ToldOutcome } from '../activities/merchant-event.js';
import { startEvent } from './children.js';
import type { Kept } from './facts.js';
import { local } from './proxies.js';
import { isSuperseded, type Stepper } from './step.js';

type Teller = Pick<Kept<{ readonly mchid: Mchid }, never>, 'now' | 'language'>;

/** The shop hears of it here and now, or from a workflow of the event's own; nothing else waits for that. */
export async function tell(step: Stepper, event: PendingEvent, facts: Teller): Promise<ToldOutcome> {
  const outcome = await tryToTell(step, event);
  if (outcome.kind === 'later') await startEvent(event, facts.now.mchid, facts.language);
  return outcome;
}

/** Once, briefly. */
async function tryToTell(step: Stepper, event: PendingEvent): Promise<ToldOutcome> {
  if (event.tried) return { kind: 'later' };
  const outcome = await step<ToldOutcome>({
    local: () => local(`tell ${event.type}`).tellShop({ eventId: event.id }),
    durable: () => Promise.resolve({ kind: 'later' }),
  });
  return isSuperseded(outcome) ? { kind: 'later' } : outcome;
}
