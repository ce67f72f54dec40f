import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { createStack } from '../src/embedded/stack.js';
import { readConfig } from '../src/entries/config.js';
import { runProcess } from '../src/entries/process.js';
import { benchDatabase } from './database.js';
import { lists } from './lists.js';
import { isMissed, type BenchOptions, type Figure, type Measured, type Part } from './part.js';
import { notify } from './notify.js';
import { open } from './open.js';
import { orders } from './orders.js';
import { reconciliation } from './reconciliation.js';
import { waiting } from './waiting.js';
import { jsonOf, tableOf, type Report } from './report.js';
import { streams } from './streams.js';

const PARTS: Readonly<Record<string, Part>> = { orders, notify, open, lists, waiting, streams, reconciliation };

/** Fewer lines have too few of each class to fill a page. */
const MIN_LINES = 1_000;

/** A hundredth of fewer has nothing that is stuck for each reason. */
const MIN_ROWS = 10_000;

type Options = Pick<BenchOptions, 'lines' | 'orders' | 'rows' | 'rounds' | 'waiting'> & { readonly json?: true };

const WRONG_USAGE = 2;

/** Exits 0 when every budget is kept, 1 when one is missed. */
await runProcess('bench', async () => {
  const command = new Command('bench')
    .description('Measures parts of PaySaga against floors, in one run')
    .addArgument(new Argument('[parts...]', 'all without any').choices(Object.keys(PARTS)))
    .option('--json', 'for programs')
    .option('--rounds <n>', 'of what takes long; each part has its own default', atLeast(1))
    .option('--lines <n>', 'of a bill; 1,000,000 unless told', atLeast(MIN_LINES))
    .option('--orders <n>', 'of a round; each part has its own default', atLeast(1))
    .option('--rows <n>', 'orders of the large world; 1,000,000 unless told', atLeast(MIN_ROWS))
    .option('--waiting <n>', 'orders that wait; 20,000 unless told', atLeast(2))
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : WRONG_USAGE))
    .parse();
  const stack = createStack(() => undefined);
  const interrupted = stack.untilInterrupted();
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-bench-'));
  try {
    const shown = show(command.args, command.opts<Options>(), { folder, stack });
    process.exitCode = await Promise.race([shown, interrupted.then(() => 130)]);
  } finally {
    await stack.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
  // The signal handlers keep the process alive.
  process.exit();
});

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`a whole number from ${least} on`);
  };
}

async function show(
  names: readonly string[],
  { json, ...sizesGiven }: Options,
  { folder, stack }: Pick<BenchOptions, 'folder' | 'stack'>,
): Promise<number> {
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const database = startedOnce(async () => {
    const { databaseUrl } = readConfig();
    const { url } = await stack.start('the database', () => benchDatabase(databaseUrl, folder, onProgress));
    return url;
  });
  const figures: Figure[] = [];
  const floors: Record<string, number | null> = {};
  const sizes: Record<string, Measured['sizes']> = {};
  for (const [name, part] of Object.entries(PARTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const measured = await part({ ...sizesGiven, database, folder, stack, onProgress });
    figures.push(...measured.figures);
    Object.assign(floors, measured.floors);
    sizes[name] = measured.sizes;
  }
  const report: Report = { figures, floors, sizes };
  process.stdout.write(json ? jsonOf(report) : tableOf(report));
  return figures.some(isMissed) ? 1 : 0;
}

function startedOnce<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= start());
}
