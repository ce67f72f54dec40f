import { ActivityCancellationType, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import { queuesBeside, type TaskQueues } from './messages.js';

/** A local try holds a slot of the worker's workflow tasks: two seconds, once, never longer. */
export const LOCAL_TRY_MS = 2_000;

/** The ways in which a saga calls a feature's activities. */
export const activitiesOf = <Activities>() => ({
  local: (summary: string) =>
    proxyLocalActivities<Activities>({
      startToCloseTimeout: LOCAL_TRY_MS,
      scheduleToCloseTimeout: LOCAL_TRY_MS,
      retry: { maximumAttempts: 1 },
      summary,
    }),

  /** Retried without limit: a saga never gives up on what it has to know. The failure itself says when to try again. */
  durable: (queue: keyof TaskQueues, summary: string) =>
    proxyActivities<Activities>({
      ...regular(queue),
      retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
      summary,
    }),

  /** Tried once: whatever comes of it, something else is asked before it is tried again. */
  once: (queue: keyof TaskQueues, summary: string) =>
    proxyActivities<Activities>({ ...regular(queue), retry: { maximumAttempts: 1 }, summary }),
});

const regular = (queue: keyof TaskQueues) =>
  ({
    taskQueue: queuesBeside(workflowInfo().taskQueue)[queue],
    startToCloseTimeout: '20 seconds',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  }) as const;
