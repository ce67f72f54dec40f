import { constants } from 'node:os';
import { Presets, SingleBar } from 'cli-progress';
import type { CliEnvironment } from './command.js';

export type Progress = { step(): void; to(done: number): void; stop(): void };

const NONE: Progress = { step: () => undefined, to: () => undefined, stop: () => undefined };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A bar on a terminal; however the process ends, the line is empty and the cursor there again. */
export function startProgress(env: CliEnvironment, total: number): Progress {
  if (env.terminal === undefined || total < 2) return NONE;
  const options = { stream: env.terminal, clearOnComplete: true, hideCursor: true };
  const bar = new SingleBar({ ...options, format: '{bar} {value}/{total} {eta_formatted}' }, Presets.shades_classic);
  let stopped = false;
  const stop = (): void => {
    // A bar that is stopped twice clears a line that is not its own.
    if (stopped) return;
    stopped = true;
    process.off('exit', stop);
    for (const signal of SIGNALS) process.off(signal, leave);
    bar.stop();
  };
  process.once('exit', stop);
  for (const signal of SIGNALS) process.once(signal, leave);
  bar.start(total, 0);
  return {
    step: () => {
      if (!stopped) bar.increment();
    },
    to: (done) => {
      if (!stopped) bar.update(done);
    },
    stop,
  };
}

export async function withProgress<T>(
  env: CliEnvironment,
  total: number,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = startProgress(env, total);
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}

/** As a shell counts a process that a signal has ended. */
function leave(signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal]);
}

const AT_ONCE = 8;

/** Results in the order of the items. Throws the first failure. */
export async function inParallel<Item, T>(
  items: readonly Item[],
  work: (item: Item) => Promise<T>,
  atOnce = AT_ONCE,
): Promise<T[]> {
  const results = new Map<number, T>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
