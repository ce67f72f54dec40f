import {
  type Client,
  ScheduleNotFoundError,
  WorkflowNotFoundError,
  type ScheduleDescription,
} from '@temporalio/client';
import { GRPC, grpcCode } from '../../temporal/grpc.js';
import { failed, ok, skipped, warning, type Finding } from '../check.js';
import type { Installation } from '../configuration.js';
import type { Examination } from '../examine.js';

type QueueKind = 'workflow' | 'activity';

export type Queue = { readonly name: string; readonly kinds: readonly QueueKind[]; readonly isLimited?: true };

/** `TaskQueueType` of Temporal's API. */
const TYPES: Readonly<Record<QueueKind, number>> = { workflow: 1, activity: 2 };

/** A poll lasts a minute, and a worker that has gone is named for five: older polls are of no worker. */
const FRESH_MS = 90_000;

type Place = { readonly client: Client; readonly namespace: string };

type Polled = Place & Pick<Examination, 'now'> & Pick<Installation, 'workers'>;

export async function checkPollers(place: Polled, queue: Queue): Promise<Finding> {
  const polled = await Promise.all(queue.kinds.map((kind) => pollersOf(place, queue.name, kind)));
  const unpolled = queue.kinds.filter((_, index) => polled[index]?.length === 0);
  if (unpolled.length > 0) {
    return failed(
      `nobody polls ${queue.name} for ${unpolled.join(' and ')} tasks`,
      'Start a worker with npm run worker.',
    );
  }
  const workers = new Set(polled.flat()).size;
  if (queue.isLimited === true && workers > place.workers) {
    return warning(
      `${workers} workers poll, and PAYSAGA_WORKERS says ${place.workers}`,
      `Set PAYSAGA_WORKERS to ${workers} for all of them, else together they exceed the limits at WeChat Pay; one that ended less than 90 s ago still counts.`,
    );
  }
  return ok(`${workers} ${workers === 1 ? 'worker' : 'workers'}`);
}

async function pollersOf({ client, namespace, now }: Polled, name: string, kind: QueueKind): Promise<string[]> {
  // The SDK does not export the enum of this field.
  const type = Object.fromEntries([['taskQueueType', TYPES[kind]]]);
  const request = { namespace, taskQueue: { name }, ...type };
  const { pollers } = await client.workflowService.describeTaskQueue(request);
  const since = now().getTime() - FRESH_MS;
  const fresh = pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > since);
  return fresh.map(({ identity }) => identity ?? '');
}

/** With Worker Versioning, orders start only on the version that a person made current. */
export async function checkDeployment(place: Place & Pick<Installation, 'deployment'>): Promise<Finding> {
  const { deployment } = place;
  if (deployment === undefined) return skipped('PAYSAGA_DEPLOYMENT is not set: workers are not versioned');
  const { name, buildId } = deployment;
  const current = await currentBuildOf(place, name);
  if (current === 'unknown') {
    return failed(
      `no worker of the deployment ${name} has run`,
      'Start a worker with the PAYSAGA_DEPLOYMENT and PAYSAGA_BUILD_ID that are set here.',
    );
  }
  const cure = `Run: temporal worker deployment set-current-version --namespace ${place.namespace} --deployment-name ${name} --build-id ${buildId}`;
  if (current === 'none') return failed(`no version of ${name} is current, so no order starts on its workers`, cure);
  return current.buildId === buildId
    ? ok(`${name}, build ${buildId}`)
    : warning(`the current version of ${name} is build ${current.buildId}, not ${buildId}`, cure);
}

async function currentBuildOf(
  { client, namespace }: Place,
  deploymentName: string,
): Promise<{ readonly buildId: string } | 'none' | 'unknown'> {
  try {
    const asked = { namespace, deploymentName };
    const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment(asked);
    const buildId = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? '';
    return buildId === '' ? 'none' : { buildId };
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return 'unknown';
    throw error;
  }
}

const FAILING = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'";

export async function checkFailingTasks(client: Client, namespace: string): Promise<Finding> {
  try {
    const { count } = await client.workflowService.countWorkflowExecutions({ namespace, query: FAILING });
    const failing = Number(count);
    if (failing === 0) return ok('none');
    return warning(
      `workflows that cannot go on, since their tasks fail: ${failing}`,
      `List them in the Temporal UI with: ${FAILING}; deploy the build that started them, or repair the code.`,
    );
  } catch (error) {
    if (grpcCode(error) !== GRPC.invalidArgument) throw error;
    // Not every version has this attribute: 1.29.1 has not.
    return skipped('a server of this version does not report it');
  }
}

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
