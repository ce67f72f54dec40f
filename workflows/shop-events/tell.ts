import type { EventActivities, ToldOutcome } from '../../activities/shop-events.js';
import { eventWorkflowId, type Mchid } from '../../src/base/ids.js';
import type { PendingEvent } from '../../src/shop-events/rules/event.js';
import { activitiesOf } from '../saga/activities.js';
import { startOwn } from '../saga/child.js';
import type { Saga } from '../saga/saga.js';
import type { Call } from '../saga/step.js';
import type { EventInput } from './messages.js';

const { local } = activitiesOf<EventActivities>();

type Teller = Pick<Saga<{ readonly mchid: Mchid }, never>, 'now' | 'language' | 'call'>;

/** Told here and now, or by a workflow of the event's own; nothing else waits for that. */
export async function tellShop(saga: Teller, event: PendingEvent): Promise<ToldOutcome> {
  const outcome = event.tried ? LATER : await saga.call(briefly(event));
  if (outcome.kind === 'later') {
    await startOwn<EventInput>('event', {
      workflowId: eventWorkflowId(event.id),
      input: { eventId: event.id, language: saga.language },
      mchid: saga.now.mchid,
      staticSummary: event.type,
    });
  }
  return outcome;
}

const LATER: ToldOutcome = { kind: 'later' };

const briefly = (event: PendingEvent): Call<ToldOutcome> => ({
  local: () => local(`tell ${event.type}`).tellShop({ eventId: event.id }),
  durable: () => Promise.resolve(LATER),
});
