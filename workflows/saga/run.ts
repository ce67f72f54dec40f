import type { WorkflowDefinitionOptions } from '@temporalio/common';
import { allHandlersFinished, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
import { WORKFLOW_TASK_TIMEOUT } from './messages.js';

/** Milliseconds that handlers have to finish before a run ends under them; their callers ask the next run again. */
const GRACE_MS = 5_000;

/** When a run whose history has grown long is to end: soon, whatever keeps calling. */
export type Renewal = {
  /** The time at which it ends at the latest; null while its history is short. */
  endsAtMs(): number | null;
  /** Its time is over: whatever it waits for, the next run asks again. */
  isOver(): boolean;
  /** Nobody would notice: nothing is under way. */
  isFree(): boolean;
};

export function createRenewal(): Renewal {
  let at: number | null = null;
  const endsAtMs = (): number | null => {
    if (at === null && workflowInfo().continueAsNewSuggested) at = Date.now() + GRACE_MS;
    return at;
  };
  return {
    endsAtMs,
    isOver: () => (endsAtMs() ?? Infinity) <= Date.now(),
    isFree: () => endsAtMs() !== null && allHandlersFinished(),
  };
}

/** A history that has grown long goes on in a new run. Whatever else a start says is inherited, but not the task timeout. */
export const inNewRun = (input: unknown): Promise<never> =>
  makeContinueAsNewFunc<(input: unknown) => Promise<void>>({ workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT })(input);

/**
 * For workflows that must not wait for a build that nobody runs any more: where workers are versioned, the current one takes them.
 * A worker that is not versioned may not say so: the server throws its whole answer away.
 */
export const neverPinned = (): WorkflowDefinitionOptions =>
  (workflowInfo().currentDeploymentVersion?.deploymentName ?? '') === '' ? {} : { versioningBehavior: 'AUTO_UPGRADE' };
