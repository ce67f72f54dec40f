import { setHandler, setWorkflowOptions } from '@temporalio/workflow';
import type { EventActivities } from '../../activities/shop-events.js';
import { eventCard } from '../../src/shop-events/rules/event.js';
import { activitiesOf } from '../saga/activities.js';
import { neverPinned } from '../saga/run.js';
import { live, openSaga, type SagaDefinition } from '../saga/saga.js';
import { resendSignal, type EventInput } from './messages.js';

/** Tells the shop one event, for as long as the schedule says. The row holds the tries; a resend begins anew from the row. */
export async function event(input: EventInput): Promise<void> {
  const saga = openSaga(transition, input.language).begin({ eventId: input.eventId, wanted: 1, ended: 0 });
  setHandler(resendSignal, () => saga.fold({ type: 'wanted' }));
  await live(saga, EVENT, () => input);
}

setWorkflowOptions(neverPinned, event);

/** How often the event was to be sent from its row on, and which of these times is over. */
type EventState = { readonly eventId: string; readonly wanted: number; readonly ended: number };

type EventFact = { readonly type: 'wanted' } | { readonly type: 'ended'; readonly time: number };

const transition = (state: EventState, fact: EventFact): EventState =>
  fact.type === 'wanted' ? { ...state, wanted: state.wanted + 1 } : { ...state, ended: fact.time };

const { durable } = activitiesOf<EventActivities>();

const EVENT: SagaDefinition<EventState, EventFact, never, `${number}`> = {
  nextStep: ({ wanted, ended }) => (ended < wanted ? { kind: 'wait', untilMs: null, poll: `${wanted}` } : undefined),
  steps: {},
  async poll({ now: { eventId } }, time) {
    await durable('shop', 'tell the shop').deliverEvent({ eventId });
    return { type: 'ended', time: Number(time) };
  },
  isWritten: () => true,
  show: ({ eventId }, language) => ({ card: eventCard(eventId, language), stuckReason: null }),
};
