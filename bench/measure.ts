import { readFile } from 'node:fs/promises';

/** Of one piece of work. CPU is user and system time, by process. */
export type Cost = {
  readonly wallMs: number;
  readonly clientCpuMs: number;
  /** The Postgres sessions'; null where their processes cannot be seen. */
  readonly backendCpuMs: number | null;
};

/** What `work` costs this process and the processes of its Postgres sessions. */
export async function costOf(backends: readonly number[], work: () => Promise<unknown>): Promise<Cost> {
  const [backend, client, startedAt] = [await cpuMsOfAll(backends), process.cpuUsage(), performance.now()];
  await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(client);
  const backendNow = await cpuMsOfAll(backends);
  const backendCpuMs = backend === null || backendNow === null ? null : backendNow - backend;
  return { wallMs, clientCpuMs: (user + system) / 1_000, backendCpuMs };
}

/** Linux counts a process's time in ticks of 10 ms. */
const TICK_MS = 10;

const NAME = ' (postgres) ';

async function cpuMsOfAll(pids: readonly number[]): Promise<number | null> {
  const times = await Promise.all(pids.map(cpuMsOf));
  return times.reduce((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0);
}

/** Null for a process of another machine, and where there is no `/proc`. */
async function cpuMsOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (!stat.includes(NAME)) return null;
  // Behind the program's name, its 12th and 13th field.
  const fields = stat.slice(stat.indexOf(NAME) + NAME.length).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export const cpuMs = ({ clientCpuMs, backendCpuMs }: Cost): number | null =>
  backendCpuMs === null ? null : clientCpuMs + backendCpuMs;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Null if one of them is. */
export const medianIfKnown = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === values.length ? median(known) : null;
};

/** The least value that so large a share of all does not pass. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
