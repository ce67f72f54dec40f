import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { executionsOf, fetchHistory, listExecutions, QueryRefused, type Execution } from '../../temporal/history.js';
import { plainText } from '../../base/text.js';
import { CliFailure, EXIT } from '../exit.js';
import type { StoredHistory } from './run.js';

const TIMEOUT_MS = 15_000;

export type Chosen = { readonly workflowId?: string; readonly query?: string; readonly limit: number };

/** Executions of one workflow, or those a query finds. Fails when there is none. */
export async function chosenExecutions(client: Client, { workflowId, query, limit }: Chosen): Promise<Execution[]> {
  const found =
    workflowId === undefined
      ? await listExecutions(client, query ?? '', limit, TIMEOUT_MS).catch(inPlainWords)
      : await executionsOf(client, workflowId, TIMEOUT_MS);
  if (found.length === 0) throw new CliFailure(EXIT.failed, 'Temporal has no such workflow, or has it no more');
  return found.slice(0, limit);
}

function inPlainWords(error: unknown): never {
  if (!(error instanceof QueryRefused)) throw error;
  throw new CliFailure(EXIT.usage, plainText(`Temporal does not understand the query: ${error.message}`));
}

/** One whose retention ends meanwhile is left out. */
export async function* fetchedHistories(
  client: Client,
  executions: readonly Execution[],
): AsyncIterable<StoredHistory> {
  for (const execution of executions) {
    const history = await fetchHistory(client, execution, TIMEOUT_MS).catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });
    if (history !== undefined) yield { name: `${execution.workflowId} (${execution.runId})`, history };
  }
}
