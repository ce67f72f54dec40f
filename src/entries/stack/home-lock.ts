import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';
import { commandOf } from '../../embedded/machine.js';
import { StartError } from '../process.js';

const holder = z.object({ pid: z.number(), command: z.string() });

/**
 * One stack per folder. A holder that was killed is told by its pid, which is gone or belongs to another command by now.
 * Answers how to let go. Throws {@link StartError} while another one runs.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const file = join(home, 'start.lock');
  const mine = JSON.stringify({ pid: process.pid, command: (await commandOf(process.pid)) ?? '' });
  if (!(await write(file, mine))) {
    const pid = await livingHolder(file);
    if (pid !== undefined && pid !== process.pid) throw new StartError(alreadyRuns(home, pid));
    await rm(file, { force: true });
    if (!(await write(file, mine))) throw new StartError(alreadyRuns(home, (await livingHolder(file)) ?? 0));
  }
  return () => rm(file, { force: true });
}

const alreadyRuns = (home: string, pid: number): string =>
  `PaySaga already runs in ${home} (process ${pid}): stop it first, or name another folder in PAYSAGA_HOME`;

async function write(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function livingHolder(file: string): Promise<number | undefined> {
  const parsed = holder.safeParse(parseJson(await readFile(file, 'utf8').catch(() => '')));
  if (!parsed.success) return undefined;
  const { pid, command } = parsed.data;
  return (await commandOf(pid)) === command ? pid : undefined;
}
