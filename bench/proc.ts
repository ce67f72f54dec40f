import { readFile } from 'node:fs/promises';

/** `cpuMs`: user and system time, that of ended children included. */
export type ProcessStat = { readonly name: string; readonly parent: number; readonly cpuMs: number };

/** Linux counts a process's time in ticks of 10 ms. */
const TICK_MS = 10;

/** `undefined` for a process that is gone or of another machine, and where there is no `/proc`. */
export async function statOf(pid: number): Promise<ProcessStat | undefined> {
  const stat = await proc(pid, 'stat');
  if (stat === '') return undefined;
  // Behind the program's name, which may hold anything: the parent is the 2nd field, the own times and those of ended children the 12th to 15th.
  const end = stat.lastIndexOf(') ');
  const fields = stat
    .slice(end + 2)
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, count) => sum + count, 0);
  return { name: stat.slice(stat.indexOf('(') + 1, end), parent: fields[1] ?? 0, cpuMs: ticks * TICK_MS };
}

/** Empty for a process that is gone, and where there is no `/proc`. */
export const proc = (pid: number, file: string): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
