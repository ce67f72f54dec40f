import {
  CancellationScope,
  condition,
  isCancellation,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import { eventCard } from '../src/shop-events/rules/event.js';
import { resendSignal, WORKFLOW_TASK_TIMEOUT, type EventInput } from './messages.js';
import { durable } from './proxies.js';
import { neverPinned } from './never-pinned.js';

/**
 * Tells the shop one event, for as long as the schedule says. The row holds the tries and the time of the next; being asked to
 * send it again begins anew from the row.
 */
export async function event({ eventId, language }: EventInput): Promise<void> {
  setCurrentDetails(eventCard(eventId, language));
  const asked = { times: 0 };
  setHandler(resendSignal, () => {
    asked.times += 1;
  });
  await CancellationScope.nonCancellable(async () => {
    let seen: number;
    do {
      seen = asked.times;
      if (seen > 0 && workflowInfo().continueAsNewSuggested) await inNewRun({ eventId, language });
      await deliver(eventId, () => asked.times !== seen);
    } while (asked.times !== seen);
  });
}

setWorkflowOptions(neverPinned, event);

const inNewRun = (input: EventInput): Promise<never> =>
  makeContinueAsNewFunc<typeof event>({ workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT })(input);

async function deliver(eventId: string, isOver: () => boolean): Promise<void> {
  const scope = new CancellationScope({ cancellable: true });
  let settled = false;
  const running = scope
    .run(() => durable('shop', 'tell the shop').deliverEvent({ eventId }))
    .catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    })
    .finally(() => {
      settled = true;
    });
  await condition(() => settled || isOver());
  scope.cancel();
  await running;
}
