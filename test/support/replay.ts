import { Worker } from '@temporalio/worker';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared.js';
import { workflowBundle } from '../../src/entries/workflow-bundle.js';
import type { History } from './history.js';

/** Replays a history with today's workflows; rejects when they do otherwise than it tells. */
export async function replay(history: History): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
  forgetReplays();
}

/** A replay runs in this thread and leaves a hook for every promise of it, which is costly for all that comes after. */
export const forgetReplays = (): void => globalHandlers.uninstall();
