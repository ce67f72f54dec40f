import { ActivityCancellationType, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import { queuesBeside, type TaskQueues } from './messages.js';
import { LOCAL_TRY_MS, type Call } from './step.js';

export function activitiesOf<Activities>() {
  const local = (summary: string) =>
    proxyLocalActivities<Activities>({
      startToCloseTimeout: LOCAL_TRY_MS,
      scheduleToCloseTimeout: LOCAL_TRY_MS,
      retry: { maximumAttempts: 1 },
      summary,
    });

  /** Retried without limit: a saga never gives up on what it has to know. The failure itself says when to try again. */
  const durable = (queue: keyof TaskQueues, summary: string) =>
    proxyActivities<Activities>({
      ...regular(queue),
      retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
      summary,
    });

  /** Tried once: something else is asked before the next try. */
  const once = (queue: keyof TaskQueues, summary: string) =>
    proxyActivities<Activities>({ ...regular(queue), retry: { maximumAttempts: 1 }, summary });

  type Either = ReturnType<typeof local> | ReturnType<typeof durable>;
  const inPostgres = <Answer>(summary: string, ask: (to: Either) => Promise<Answer>): Call<Answer> => ({
    local: () => ask(local(summary)),
    durable: () => ask(durable('order', summary)),
  });

  return { local, durable, once, inPostgres };
}

const regular = (queue: keyof TaskQueues) =>
  ({
    taskQueue: queuesBeside(workflowInfo().taskQueue)[queue],
    startToCloseTimeout: '20 seconds',
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  }) as const;
