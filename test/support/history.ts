import type { WorkflowHandle } from '@temporalio/client';
import { eventsOf, type HistoryEvent } from '../../bench/orders/history-cost.js';

export { costOf, durableTries, eventsOf, type HistoryEvent } from '../../bench/orders/history-cost.js';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type EventId = NonNullable<HistoryEvent['eventId']>;

/** The ends of all workflow tasks: where a history can be reset to. */
export function completedTasks(events: readonly HistoryEvent[]): EventId[] {
  return events.flatMap(({ workflowTaskCompletedEventAttributes: done, eventId }) =>
    done && eventId ? [eventId] : [],
  );
}

/** Activities of this type that the server has under way or in back-off. */
export async function pendingActivities(handle: WorkflowHandle, type: string) {
  const { raw } = await handle.describe();
  return (raw.pendingActivities ?? []).filter(({ activityType }) => activityType?.name === type);
}

/** Whether the workflow has been signalled like this. */
export async function isSignalled(handle: WorkflowHandle, name: string): Promise<boolean> {
  return (await eventsOf(handle)).some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === name);
}
