import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { createStack, type Stack } from '../src/embedded/stack.js';
import { readConfig } from '../src/entries/config.js';
import { runProcess } from '../src/entries/process.js';
import { benchDatabase } from './database.js';
import { isMissed, type Figure, type Part } from './part.js';
import { reconciliation } from './reconciliation.js';
import { jsonOf, tableOf, type Report } from './report.js';

const PARTS: Readonly<Record<string, Part>> = { reconciliation };

/** Fewer lines have too few of each class to fill a page. */
const MIN_LINES = 1_000;

type Options = { readonly json?: true; readonly lines: number; readonly rounds: number };

const WRONG_USAGE = 2;

/** Exits 0 when every budget is kept, 1 when one is missed. */
await runProcess('bench', async () => {
  const command = new Command('bench')
    .description('Measures parts of PaySaga against floors, in one run')
    .addArgument(new Argument('[parts...]', 'all without any').choices(Object.keys(PARTS)))
    .option('--json', 'for programs')
    .option('--lines <n>', 'of a bill', atLeast(MIN_LINES), 1_000_000)
    .option('--rounds <n>', 'of imports, which take minutes', atLeast(1), 3)
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
  { json, lines, rounds }: Options,
  { folder, stack }: { readonly folder: string; readonly stack: Stack },
): Promise<number> {
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const { databaseUrl } = readConfig();
  const { url } = await stack.start('the database', () => benchDatabase(databaseUrl, folder, onProgress));
  const figures: Figure[] = [];
  const floors: Record<string, number | null> = {};
  for (const [name, part] of Object.entries(PARTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const measured = await part({ databaseUrl: url, folder, lines, rounds, onProgress });
    figures.push(...measured.figures);
    Object.assign(floors, measured.floors);
  }
  const report: Report = { figures, floors, lines, rounds };
  process.stdout.write(json ? jsonOf(report) : tableOf(report));
  return figures.some(isMissed) ? 1 : 0;
}
