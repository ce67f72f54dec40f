import { ActivityCancellationType, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { EventActivities } from '../activities/merchant-event.js';
import type { OrderActivities } from '../activities/order.js';
import type { RefundActivities } from '../activities/refund.js';
import { queuesBeside, type TaskQueues } from './messages.js';

/** A local try holds a slot of the worker's workflow tasks: two seconds, once, never longer. */
export const LOCAL_TRY_MS = 2_000;

type Activities = OrderActivities & RefundActivities & EventActivities;

export const local = (summary: string): Activities =>
  proxyLocalActivities<Activities>({
    startToCloseTimeout: LOCAL_TRY_MS,
    scheduleToCloseTimeout: LOCAL_TRY_MS,
    retry: { maximumAttempts: 1 },
    summary,
  });

/** Retried without limit: an order never gives up on what it has to know. The failure itself says when to try again. */
export const durable = (queue: keyof TaskQueues, summary: string): Activities =>
  proxyActivities<Activities>({
    taskQueue: queuesBeside(workflowInfo().taskQueue)[queue],
    startToCloseTimeout: '20 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary,
  });

/** Tried once: whatever comes of it, something else is asked before it is tried again. */
export const once = (queue: keyof TaskQueues, summary: string): Activities =>
  proxyActivities<Activities>({
    taskQueue: queuesBeside(workflowInfo().taskQueue)[queue],
    startToCloseTimeout: '20 seconds',
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary,
  });
