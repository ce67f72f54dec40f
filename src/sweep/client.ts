import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { WORKFLOW_TASK_TIMEOUT } from '../../workflows/saga/messages.js';
import { MINUTE } from '../base/time.js';
import { reach } from '../temporal/call.js';

/** Well beyond the 5 s after which the server gives up a worker that has gone, to whom it had turned about the Schedule. */
const ASK_MS = 15_000;

/**
 * The Schedule of the sweeps as it should be: made where it is gone, corrected where it differs. Every minute, never two at once,
 * and none that goes on for ever: one that hangs must not keep the next ones from coming. Throws {@link TemporalUnavailable}.
 */
export async function ensureSweeper(client: Client, taskQueue: string): Promise<'made' | 'corrected' | 'right'> {
  const schedule = wantedSchedule(taskQueue);
  const { scheduleId, ...wanted } = schedule;
  try {
    await reach(client, ASK_MS, () => client.schedule.create({ scheduleId, ...wanted }));
    return 'made';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const handle = client.schedule.getHandle(scheduleId);
  const found = await reach(client, ASK_MS, () => handle.describe());
  if (isRight(found, schedule)) return 'right';
  // A person may have paused it.
  await reach(client, ASK_MS, () => handle.update(({ state }) => ({ ...wanted, state })));
  return 'corrected';
}

function wantedSchedule(taskQueue: string) {
  const scheduleId = `sweeper/${taskQueue}`;
  return {
    scheduleId,
    spec: { intervals: [{ every: MINUTE }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: MINUTE },
    action: {
      type: 'startWorkflow',
      workflowType: 'sweeper',
      workflowId: scheduleId,
      taskQueue,
      args: [],
      workflowRunTimeout: 5 * MINUTE,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    },
  } satisfies ScheduleOptions;
}

function isRight(found: ScheduleDescription, { spec, policies, action }: ReturnType<typeof wantedSchedule>): boolean {
  return (
    said(found.spec) === said(spec) &&
    found.policies.overlap === policies.overlap &&
    found.policies.catchupWindow === policies.catchupWindow &&
    !found.policies.pauseOnFailure &&
    found.action.workflowType === action.workflowType &&
    found.action.workflowId === action.workflowId &&
    found.action.taskQueue === action.taskQueue &&
    found.action.workflowRunTimeout === action.workflowRunTimeout &&
    found.action.workflowTaskTimeout === msToNumber(action.workflowTaskTimeout)
  );
}

/** What a server answers for what nobody set, absent, zero or empty, says nothing. */
function said(value: object): string {
  const isSaid = (it: unknown): boolean => Boolean(it) && !(Array.isArray(it) && it.length === 0);
  return JSON.stringify(value, (_key, it: unknown) => (isSaid(it) ? it : undefined));
}
