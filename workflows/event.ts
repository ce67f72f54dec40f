import { CancellationScope, condition, isCancellation, setHandler } from '@temporalio/workflow';
import { resendSignal, type EventInput } from './messages.js';
import { durable } from './proxies.js';

/**
 * Tells the shop one event, for as long as the schedule says. The row holds the tries and the time of the next; being asked to
 * send it again begins anew from the row.
 */
export async function event({ eventId }: EventInput): Promise<void> {
  let again = false;
  setHandler(resendSignal, () => {
    again = true;
  });
  await CancellationScope.nonCancellable(async () => {
    do {
      again = false;
      await deliver(eventId, () => again);
    } while (again);
  });
}

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
