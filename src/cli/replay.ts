import { Command } from 'commander';
import type { CliEnvironment, Configured } from './environment.js';
import { CliFailure, EXIT } from './exit.js';
import { count } from './options.js';
import { startProgress } from './progress.js';
import { historyFiles, storedHistories } from './replay/files.js';
import { chosenExecutions, fetchedHistories } from './replay/fetched.js';
import type { Replayed, StoredHistory } from './replay/run.js';
import { painted, writeJson } from './table.js';
import { plain } from './text.js';
import { withTemporal } from './temporal.js';

type ReplayOptions = {
  readonly workflowId?: string;
  readonly query?: string;
  readonly limit: number;
  readonly json?: true;
};

const EXAMPLE = `
Examples:
  $ paysaga replay
  $ paysaga replay histories/ order.json
  $ paysaga replay --workflow-id order/1900000001/A-1001
  $ paysaga replay --query 'WorkflowType = "order" AND ExecutionStatus = "Running"' --limit 500
`;

/** `paysaga replay`: whether this build goes on with what older builds began. */
export function replayCommand(env: CliEnvironment, configured: Configured): Command {
  return configured(new Command('replay'))
    .description('replay histories against the workflows of this build; exit code 1 when one of them fails')
    .argument('[path...]', 'files and folders of histories in JSON; default test/fixtures/histories')
    .option('--workflow-id <id>', 'every execution of this workflow, from Temporal')
    .option('--query <query>', 'executions that this visibility query finds, from Temporal')
    .option('--limit <n>', 'at most so many from Temporal', count, 100)
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLE)
    .action((paths: string[], options: ReplayOptions) => run(env, paths, options));
}

async function run(env: CliEnvironment, paths: readonly string[], options: ReplayOptions): Promise<void> {
  const { workflowId, query, limit } = options;
  const sources = [paths.length > 0, workflowId !== undefined, query !== undefined].filter(Boolean);
  if (sources.length > 1) throw new CliFailure(EXIT.usage, 'files, or --workflow-id, or --query: one of them');
  if (workflowId === undefined && query === undefined) {
    const files = await historyFiles(paths);
    await replayAll(env, storedHistories(files), files.length, options);
    return;
  }
  const chosen = {
    limit,
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(query === undefined ? {} : { query }),
  };
  await withTemporal(env, async ({ client }) => {
    const executions = await chosenExecutions(client, chosen);
    await replayAll(env, fetchedHistories(client, executions), executions.length, options);
  });
}

async function replayAll(
  env: CliEnvironment,
  histories: AsyncIterable<StoredHistory>,
  total: number,
  { json }: ReplayOptions,
): Promise<void> {
  const results = await replayed(env, histories, total);
  const failed = results.filter(({ problem }) => problem !== undefined);
  if (json === true) {
    const items = results.map(({ name, problem = null }) => ({ name, ok: problem === null, problem }));
    writeJson(env, { items, failed: failed.length });
  } else {
    for (const result of results) env.stdout.write(`${lineOf(env, result)}\n`);
    env.stdout.write(`${results.length} replayed, ${failed.length} failed.\n`);
  }
  if (failed.length > 0) throw new CliFailure(EXIT.failed, 'this build cannot go on with all of these histories');
}

async function replayed(
  env: CliEnvironment,
  histories: AsyncIterable<StoredHistory>,
  total: number,
): Promise<Replayed[]> {
  if (env.replay === undefined) throw new CliFailure(EXIT.failed, 'there are no workflows to replay against');
  const progress = startProgress(env, total);
  const results: Replayed[] = [];
  try {
    for await (const result of env.replay(histories)) {
      results.push(result);
      progress.step();
    }
  } finally {
    progress.stop();
  }
  return results;
}

function lineOf(env: CliEnvironment, { name, problem }: Replayed): string {
  if (problem === undefined) return `${painted(env, 'green', 'ok  ')} ${plain(name)}`;
  return `${painted(env, 'red', 'FAIL')} ${plain(name)}: ${plain(problem)}`;
}
