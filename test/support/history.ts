import type { WorkflowHandle } from '@temporalio/client';

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];
type EventId = NonNullable<HistoryEvent['eventId']>;

export async function eventsOf(handle: WorkflowHandle): Promise<HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

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

/** Every try so far of a regular activity, by the activity's type: none of them while the local tries are answered in time. */
export async function durableTries(handle: WorkflowHandle): Promise<string[]> {
  const events = await eventsOf(handle);
  const types = new Map(
    events.map(({ eventId, activityTaskScheduledEventAttributes: it }) => [String(eventId), it?.activityType?.name]),
  );
  return events.flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started ? Array<string>(started.attempt ?? 1).fill(types.get(String(started.scheduledEventId)) ?? '') : [],
  );
}

/** What describe() says a workflow has cost the server so far. */
export async function costOf(handle: WorkflowHandle) {
  const { historyLength, raw } = await handle.describe();
  const transitions = Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
  return { events: historyLength, transitions, actions: actionsOf(await eventsOf(handle)) };
}

/**
 * Billable actions as Temporal defines them: a start, an update, a signal, a timer, an upsert of search attributes, each try of
 * an activity, and all local activities of one workflow task together are one each. Workflow tasks, completions, cancelled
 * timers and current details are free. A try that is in back-off has no event yet; its activity counts as one.
 */
function actionsOf(events: readonly HistoryEvent[]): number {
  const localBatches = new Set<string>();
  let actions = 0;
  for (const event of events) {
    const marker = event.markerRecordedEventAttributes;
    if (marker?.markerName === 'core_local_activity') localBatches.add(String(marker.workflowTaskCompletedEventId));
    else if (isAction(event)) actions += 1;
    actions += Math.max(0, (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1);
  }
  return actions + localBatches.size;
}

const isAction = (event: HistoryEvent): boolean =>
  [
    event.workflowExecutionStartedEventAttributes,
    event.workflowExecutionUpdateAcceptedEventAttributes,
    event.workflowExecutionSignaledEventAttributes,
    event.timerStartedEventAttributes,
    event.upsertWorkflowSearchAttributesEventAttributes,
    event.activityTaskScheduledEventAttributes,
    event.markerRecordedEventAttributes,
    event.startChildWorkflowExecutionInitiatedEventAttributes,
  ].some((attributes) => attributes != null);

/** Whether the workflow has been signalled like this. */
export async function isSignalled(handle: WorkflowHandle, name: string): Promise<boolean> {
  return (await eventsOf(handle)).some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === name);
}
