import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { Command } from 'commander';
import {
  executionsOf,
  fetchHistory,
  historyFromProtoJson,
  listExecutions,
  QueryRefused,
  type Execution,
  type History,
} from '../temporal/history.js';
import { CliFailure, EXIT, type CliEnvironment, type MakeCommand } from './kit/command.js';
import { count } from './kit/options.js';
import { painted, plain, writeJson } from './kit/output.js';
import { withProgress } from './kit/progress.js';
import { withTemporal } from './kit/services.js';

export type StoredHistory = { readonly name: string; readonly history: History };

export type Replayed = { readonly name: string; readonly problem: string | undefined };

export type Replay = (histories: AsyncIterable<StoredHistory>) => AsyncIterable<Replayed>;

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

/** Whether this build goes on with workflows that older builds began. */
export const replayCommand =
  (replay: Replay): MakeCommand =>
  (env, configured) =>
    configured(new Command('replay'))
      .description('replay histories against the workflows of this build; exit code 1 when one of them fails')
      .argument('[path...]', 'files and folders of histories in JSON; default test/fixtures/histories')
      .option('--workflow-id <id>', 'every execution of this workflow, from Temporal')
      .option('--query <query>', 'executions that this visibility query finds, from Temporal')
      .option('--limit <n>', 'at most so many from Temporal', count, 100)
      .option('--json', 'print JSON')
      .addHelpText('after', EXAMPLE)
      .action((paths: string[], options: ReplayOptions) => run({ env, replay }, paths, options));

type Replayer = { readonly env: CliEnvironment; readonly replay: Replay };

async function run(replayer: Replayer, paths: readonly string[], options: ReplayOptions): Promise<void> {
  const { workflowId, query } = options;
  const sources = [paths.length > 0, workflowId !== undefined, query !== undefined].filter(Boolean);
  if (sources.length > 1) throw new CliFailure(EXIT.usage, 'files, or --workflow-id, or --query: one of them');
  if (workflowId === undefined && query === undefined) {
    const files = await historyFiles(paths);
    await replayAll(replayer, storedHistories(files), files.length, options);
    return;
  }
  await withTemporal(replayer.env, async ({ client }) => {
    const executions = await chosenExecutions(client, options);
    await replayAll(replayer, fetchedHistories(client, executions), executions.length, options);
  });
}

async function replayAll(
  { env, replay }: Replayer,
  histories: AsyncIterable<StoredHistory>,
  total: number,
  { json }: ReplayOptions,
): Promise<void> {
  const results: Replayed[] = [];
  await withProgress(env, total, async (progress) => {
    for await (const result of replay(histories)) {
      results.push(result);
      progress.step();
    }
  });
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

function lineOf(env: CliEnvironment, { name, problem }: Replayed): string {
  if (problem === undefined) return `${painted(env, 'green', 'ok  ')} ${plain(name)}`;
  return `${painted(env, 'red', 'FAIL')} ${plain(name)}: ${plain(problem)}`;
}

const DEFAULT = 'test/fixtures/histories';

async function historyFiles(named: readonly string[]): Promise<string[]> {
  const paths = named.length === 0 ? [DEFAULT] : named;
  const files = (await Promise.all(paths.map(filesOf))).flat();
  if (files.length === 0) throw new CliFailure(EXIT.usage, `no histories (*.json) in ${paths.join(', ')}`);
  return files;
}

async function* storedHistories(files: readonly string[]): AsyncIterable<StoredHistory> {
  for (const file of files) yield { name: file, history: await historyOf(file) };
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CliFailure(EXIT.usage, `there is no ${path}: name files or folders of histories`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(path, name));
}

async function historyOf(file: string): Promise<StoredHistory['history']> {
  try {
    const history = historyFromProtoJson(JSON.parse(await readFile(file, 'utf8')));
    if ((history.events?.length ?? 0) > 0) return history;
  } catch {
    // The parser's message quotes the file.
  }
  throw new CliFailure(EXIT.failed, `${file} is not a history in JSON, as Temporal's tools write it`);
}

const TIMEOUT_MS = 15_000;

async function chosenExecutions(client: Client, { workflowId, query, limit }: ReplayOptions): Promise<Execution[]> {
  const found =
    workflowId === undefined
      ? await listExecutions(client, query ?? '', limit, TIMEOUT_MS).catch(inPlainWords)
      : await executionsOf(client, workflowId, TIMEOUT_MS);
  if (found.length === 0) throw new CliFailure(EXIT.failed, 'Temporal has no such workflow, or has it no more');
  return found.slice(0, limit);
}

function inPlainWords(error: unknown): never {
  if (!(error instanceof QueryRefused)) throw error;
  throw new CliFailure(EXIT.usage, plain(`Temporal does not understand the query: ${error.message}`));
}

/** Leaves out executions whose retention ends meanwhile. */
async function* fetchedHistories(client: Client, executions: readonly Execution[]): AsyncIterable<StoredHistory> {
  for (const execution of executions) {
    const history = await fetchHistory(client, execution, TIMEOUT_MS).catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });
    if (history !== undefined) yield { name: `${execution.workflowId} (${execution.runId})`, history };
  }
}
