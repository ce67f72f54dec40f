import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { OrderNo } from '../../src/base/ids.js';
import type { completedTasks } from './history.js';
import type { Saga } from './saga.js';

/** Resets a run, by default the current one, to the end of one of its workflow tasks. */
export async function resetTo(
  saga: Saga,
  orderNo: OrderNo,
  workflowTaskFinishEventId: ReturnType<typeof completedTasks>[number] | undefined,
  runId?: string,
): Promise<void> {
  await resetRun(saga, saga.workflow(orderNo), workflowTaskFinishEventId, runId);
}

/** As {@link resetTo}, for any workflow. */
export async function resetRun(
  saga: Saga,
  { workflowId }: WorkflowHandle,
  workflowTaskFinishEventId: ReturnType<typeof completedTasks>[number] | undefined,
  runId?: string,
): Promise<void> {
  if (workflowTaskFinishEventId === undefined) throw new Error('there is no workflow task to reset to');
  const { client } = saga.services.temporal;
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, ...(runId === undefined ? {} : { runId }) },
    reason: 'a test',
    requestId: randomUUID(),
    workflowTaskFinishEventId,
  });
}
