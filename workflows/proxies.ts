import { ActivityCancellationType, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { OrderActivities } from '../activities/order.js';
import { queuesBeside, type TaskQueues } from './messages.js';

/** A local try holds a slot of the worker's workflow tasks: two seconds, once, never longer. */
export const LOCAL_TRY_MS = 2_000;

export const local = (summary: string): OrderActivities =>
  proxyLocalActivities<OrderActivities>({
    startToCloseTimeout: LOCAL_TRY_MS,
    scheduleToCloseTimeout: LOCAL_TRY_MS,
    retry: { maximumAttempts: 1 },
    summary,
  });

/** Retried without limit: an order never gives up on what it has to know. The failure itself says when to try again. */
export const durable = (queue: keyof TaskQueues, summary: string): OrderActivities =>
  proxyActivities<OrderActivities>({
    taskQueue: queuesBeside(workflowInfo().taskQueue)[queue],
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary,
  });
