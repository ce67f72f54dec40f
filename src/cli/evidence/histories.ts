import { executionsOf, fetchHistory, type Execution, historyToProtoJson } from '../../temporal/history.js';
import type { CliEnvironment } from '../environment.js';
import { inParallel } from '../in-parallel.js';
import { startProgress } from '../progress.js';
import { withTemporal } from '../temporal.js';

const TIMEOUT_MS = 15_000;

export type Histories = {
  readonly histories: readonly (Execution & { readonly history: unknown })[];
  /** Ids of workflows Temporal does not have. */
  readonly gone: readonly string[];
};

/** Every execution of these workflows that Temporal still has, as its own tools write it. */
export function historiesOf(env: CliEnvironment, workflowIds: readonly string[]): Promise<Histories> {
  return withTemporal(env, async ({ client }) => {
    const progress = startProgress(env, workflowIds.length);
    try {
      const found = await inParallel(workflowIds, async (workflowId) => {
        const executions = await executionsOf(client, workflowId, TIMEOUT_MS);
        const histories = await inParallel(executions, async (execution) => {
          const history = historyToProtoJson(await fetchHistory(client, execution, TIMEOUT_MS));
          return { ...execution, history };
        });
        progress.step();
        return histories;
      });
      return { histories: found.flat(), gone: workflowIds.filter((_, index) => found[index]?.length === 0) };
    } finally {
      progress.stop();
    }
  });
}
