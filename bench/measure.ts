import { statOf } from './proc.js';

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

const cpuMsOfAll = async (pids: readonly number[]): Promise<number | null> =>
  sumIfKnown(await Promise.all(pids.map(cpuMsOf)));

/** Null for a process of another machine, and where there is no `/proc`. */
async function cpuMsOf(pid: number): Promise<number | null> {
  const stat = await statOf(pid);
  return stat?.name === 'postgres' ? stat.cpuMs : null;
}

/** Null if one of them is. */
export const sumIfKnown = (values: readonly (number | null)[]): number | null =>
  values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);

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
