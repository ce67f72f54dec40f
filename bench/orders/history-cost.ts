import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
export type HistoryEvent = NonNullable<History['events']>[number];

export async function eventsOf(handle: WorkflowHandle): Promise<HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** What describe() says a workflow has cost the server so far. */
export async function costOf(handle: WorkflowHandle) {
  const { historyLength, raw } = await handle.describe();
  const transitions = Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
  return { events: historyLength, transitions, actions: actionsOf(await eventsOf(handle)) };
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
