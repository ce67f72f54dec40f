import type { WorkflowDefinitionOptions } from '@temporalio/common';
import { allHandlersFinished, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import { WORKFLOW_TASK_TIMEOUT } from './messages.js';

/** Milliseconds that handlers have to finish before a run ends under them; their callers ask the next run again. */
const GRACE_MS = 5_000;

export type Renewal = ReturnType<typeof createRenewal>;

export function createRenewal() {
  let at: number | null = null;
  const endsAtMs = (): number | null => {
    if (at === null && workflowInfo().continueAsNewSuggested) at = Date.now() + GRACE_MS;
    return at;
  };
  return {
    /** When the run ends at the latest; null while its history is short. */
    endsAtMs,
    /** The run ends now: whatever it waits for, the next one asks again. */
    isOver: () => (endsAtMs() ?? Infinity) <= Date.now(),
    /** The run may end, and no handler is under way. */
    isFree: () => endsAtMs() !== null && allHandlersFinished(),
  };
}

/** The task timeout is the one thing of a start that a continued run does not inherit. */
export const inNewRun = (input: unknown): Promise<never> =>
  makeContinueAsNewFunc<(input: unknown) => Promise<void>>({ workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT })(input);

/**
 * For workflows that must not wait for a build that nobody runs any more. A worker without versions may not say so: the server
 * throws its whole answer away.
 */
export const neverPinned = (): WorkflowDefinitionOptions =>
  (workflowInfo().currentDeploymentVersion?.deploymentName ?? '') === '' ? {} : { versioningBehavior: 'AUTO_UPGRADE' };
