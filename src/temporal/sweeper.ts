import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { WORKFLOW_TASK_TIMEOUT } from '../../workflows/messages.js';

/** Every minute, never two at once: starts or signals again whatever a crash left without its workflow. Idempotent. */
export async function ensureSweeper(client: Client, taskQueue: string): Promise<void> {
  const id = `sweeper/${taskQueue}`;
  try {
    await client.schedule.create({
      scheduleId: id,
      spec: { intervals: [{ every: '1 minute' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowType: 'sweeper',
        workflowId: id,
        taskQueue,
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        args: [],
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
