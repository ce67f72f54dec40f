import {
  ScheduleNotFoundError,
  WorkflowNotFoundError,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { failed, ok, warning, type Finding } from '../check.js';

/** The sweeper runs every minute; a long run leaves some out. */
const LATE_MS = 5 * 60_000;
const RUNS = 3;

const BAD: readonly string[] = ['FAILED', 'TIMED_OUT', 'TERMINATED', 'CANCELLED'];

export async function checkSweeper(client: Client, scheduleId: string, now: () => Date): Promise<Finding> {
  const schedule = await client.schedule.getHandle(scheduleId).describe().catch(noneAfter(ScheduleNotFoundError));
  if (schedule === undefined) {
    return failed(`there is no schedule ${scheduleId}`, 'Start a worker with npm run worker, which creates it.');
  }
  if (schedule.state.paused) {
    return failed(
      'the sweeper is paused: what a crash leaves behind stays behind',
      `Run: temporal schedule toggle --unpause --schedule-id ${scheduleId} --reason REASON`,
    );
  }
  return judgeRuns(client, schedule, now);
}

const noneAfter =
  (kind: typeof ScheduleNotFoundError | typeof WorkflowNotFoundError) =>
  (error: unknown): undefined => {
    if (!(error instanceof kind)) throw error;
  };

async function judgeRuns(client: Client, { info }: ScheduleDescription, now: () => Date): Promise<Finding> {
  const runs = info.recentActions.slice(-RUNS);
  const last = runs.at(-1)?.takenAt ?? info.createdAt;
  if (now().getTime() - last.getTime() > LATE_MS) {
    return failed(
      `the sweeper has not run since ${last.toISOString()}`,
      'Look at its schedule in the Temporal UI and at the scheduler of the Temporal server.',
    );
  }
  const statuses = await Promise.all(runs.map((run) => statusOf(client, run.action.workflow)));
  const bad = statuses.filter((status) => BAD.includes(status));
  if (bad.length === 0) return ok(runs.length === 0 ? 'not run yet' : `last run ${last.toISOString()}`);
  const seen = `${bad.length} of the last ${runs.length} runs ended ${bad.join(', ')}`;
  const cure = "Look at the sweeper's last run in the Temporal UI and at the worker's log.";
  return bad.length === runs.length ? failed(seen, cure) : warning(seen, cure);
}

type Run = { readonly workflowId: string; readonly firstExecutionRunId: string };

async function statusOf(client: Client, { workflowId, firstExecutionRunId }: Run): Promise<string> {
  const run = client.workflow.getHandle(workflowId, firstExecutionRunId);
  const described = await run.describe().catch(noneAfter(WorkflowNotFoundError));
  return described?.status.name ?? 'FORGOTTEN';
}
