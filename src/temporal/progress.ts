import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { reach } from './call.js';

/** `missing`: nobody runs. `failing`: its workflow task fails again and again, or no worker takes it. */
export type Progress = { readonly kind: 'running' | 'failing'; readonly runId: string } | { readonly kind: 'missing' };

const ASK_MS = 3_000;
/** Of one workflow task: twice is bad luck, a worker that died say. */
const MANY_TRIES = 3;
const UNTAKEN_MS = 2 * 60_000;

/** What becomes of a workflow, as Temporal says at this moment. Throws {@link TemporalUnavailable}. */
export async function progressOf(client: Client, workflowId: string, now: Date): Promise<Progress> {
  try {
    const { status, runId, raw } = await reach(client, ASK_MS, () => client.workflow.getHandle(workflowId).describe());
    if (status.name !== 'RUNNING') return { kind: 'missing' };
    const task = raw.pendingWorkflowTask;
    if (task == null) return { kind: 'running', runId };
    const waitsMs = now.getTime() - Number(task.scheduledTime?.seconds ?? Infinity) * 1_000;
    const isUntaken = task.startedTime == null && waitsMs > UNTAKEN_MS;
    return { kind: (task.attempt ?? 0) >= MANY_TRIES || isUntaken ? 'failing' : 'running', runId };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'missing' };
    throw error;
  }
}

/** Ends a run that cannot go on, or (`force`) whatever runs, so that it may be started anew. */
export async function endStalled(
  client: Client,
  workflowId: string,
  force: boolean,
): Promise<'rescued' | 'not_stalled'> {
  const progress = await progressOf(client, workflowId, new Date());
  if (progress.kind === 'missing') return 'rescued';
  if (progress.kind === 'running' && !force) return 'not_stalled';
  const run = client.workflow.getHandle(workflowId, progress.runId);
  try {
    await reach(client, ASK_MS, () => run.terminate('rescued: it could not go on, and goes on from Postgres'));
  } catch (error) {
    // It ended by itself meanwhile.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  return 'rescued';
}
