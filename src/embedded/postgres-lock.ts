import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOf } from './command-of.js';

/**
 * Removes the `postmaster.pid` that a killed server left, when its pid now belongs to another program: Postgres would
 * take that program for a server and refuse to start. Throws when a server does run on this cluster.
 */
export async function clearStaleLock(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return;
  const [pid = '', folder = ''] = text.split('\n');
  const command = await commandOf(Number(pid));
  if (command === undefined) return;
  if (!command.includes('postgres') || !command.includes(folder)) return rm(file, { force: true });
  throw new Error(`A Postgres server (pid ${pid}) already runs on ${cluster}; stop it first`);
}
