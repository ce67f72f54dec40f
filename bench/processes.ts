import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createStack } from '../src/embedded/stack.js';
import { readConfig, type Config } from '../src/entries/config.js';
import { startDevStack, type DevStack } from '../src/entries/stack/dev-stack.js';
import { ownEnvironment } from '../src/entries/stack/environment.js';
import type { BenchOptions } from './part.js';
import { proc, statOf, type ProcessStat } from './proc.js';

/** By a name that the figures have too. */
export type Pids = Readonly<Record<string, number>>;

/** `pids`: of `worker`, `temporal`, `ingress`, `postgres` and `sandbox`. */
export type Processes = DevStack & { readonly home: string; readonly pids: Pids };

type Wishes = {
  /** Where the shop listens. */
  readonly webhookUrl?: string;
  /** Further variables of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
};

/**
 * Every process of `npm start`, each with its own pid, for as long as `work` takes: Temporal's development server in memory, Postgres,
 * the sandbox, a worker and an ingress. From source, as `npm run worker` and `npm run serve` have them.
 */
export async function withProcesses<T>(
  { folder, stack, onProgress }: Pick<BenchOptions, 'folder' | 'stack' | 'onProgress'>,
  { webhookUrl, environment }: Wishes,
  work: (processes: Processes) => Promise<T>,
): Promise<T> {
  const home = await mkdtemp(join(folder, 'processes-'));
  const own = createStack(() => undefined);
  const ended = { stop: own.stopAll, kill: own.stopAll };
  await stack.start('the processes', () => Promise.resolve(ended));
  try {
    const config = { ...ownConfig(home, environment), webhookUrl };
    const running = await startDevStack({ config, stack: own, onProgress, durable: false });
    return await work({ ...running, home, pids: pidsOf(running) });
  } finally {
    await own.stopAll();
    await rm(home, { recursive: true, force: true });
  }
}

/** All are started, and log what is wrong alone. */
const ownConfig = (home: string, wishes: Wishes['environment'] = {}): Config =>
  readConfig({ ...ownEnvironment(readConfig().environment), PAYSAGA_HOME: home, PAYSAGA_LOG_LEVEL: 'warn', ...wishes });

function pidsOf({ worker, temporal, ingress, postgres, sandbox }: DevStack): Pids {
  const parts = Object.entries({ worker, temporal, ingress, postgres, sandbox });
  return Object.fromEntries(
    parts.map(([name, { now }]) => {
      if (now.pid === null) throw new Error(`${name} runs elsewhere`);
      return [name, now.pid];
    }),
  );
}

/** Of one piece of work. CPU is user and system time, by process; null where there is no `/proc`. */
export type ProcessCost = { readonly wallMs: number; readonly cpuMs: Readonly<Record<string, number | null>> };

/**
 * What `work` costs these processes, those below them included. The system counts in ticks of 10 ms: `work` has to be long. What they do
 * without any work (polls, timers) is in it.
 */
export async function processCostOf(pids: Pids, work: () => Promise<unknown>): Promise<ProcessCost> {
  const before = await cpuMsOfTrees(pids);
  const startedAt = performance.now();
  await work();
  const wallMs = performance.now() - startedAt;
  const after = await cpuMsOfTrees(pids);
  const used = Object.keys(pids).map((name) => [name, differenceOf(after[name], before[name])] as const);
  return { wallMs, cpuMs: Object.fromEntries(used) };
}

const differenceOf = (after: number | null = null, before: number | null = null): number | null =>
  after === null || before === null ? null : after - before;

/** Megabytes that a process, without those below it, has in memory. */
export async function rssMbOf(pid: number): Promise<number | null> {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await proc(pid, 'status')) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) / 1_024;
}

async function cpuMsOfTrees(pids: Pids): Promise<Readonly<Record<string, number | null>>> {
  const names = await readdir('/proc').catch(() => []);
  const seen = new Map<number, ProcessStat>();
  const look = async (pid: number) => {
    const found = await statOf(pid);
    if (found !== undefined) seen.set(pid, found);
  };
  await Promise.all(names.map(Number).filter(Number.isSafeInteger).map(look));
  const timeOf = (pid: number): number | null => (seen.has(pid) ? cpuMsOfTree(pid, seen) : null);
  const times = Object.entries(pids).map(([name, pid]) => [name, timeOf(pid)] as const);
  return Object.fromEntries(times);
}

function cpuMsOfTree(pid: number, seen: ReadonlyMap<number, ProcessStat>): number {
  const below = [...seen].filter(([, { parent }]) => parent === pid);
  return below.reduce((sum, [child]) => sum + cpuMsOfTree(child, seen), seen.get(pid)?.cpuMs ?? 0);
}
