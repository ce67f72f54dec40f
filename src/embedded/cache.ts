import { mkdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeOnce } from './write-file.js';

const HEARTBEAT_MS = 2_000;
const STALE_MS = 15_000;

/** The folder for programs that are fetched once per machine, outside the repository. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'paysaga');
}

/**
 * Runs `work` in one process at a time per lock file, whose time the holder renews; a holder that stopped is taken for dead.
 * The lock only saves work: its callers put their results in place by an atomic rename.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, onWait: () => void): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const token = `${String(process.pid)}-${String(Math.random())}`;
  for (let waited = false; !(await writeOnce(path, token)); waited = true) {
    if (!waited) onWait();
    await stealWhenStale(path, token);
    await delay(200);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    const holder = await readFile(path, 'utf8').catch(() => '');
    if (holder === token) await rm(path, { force: true });
  }
}

async function stealWhenStale(path: string, token: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs < STALE_MS) return;
    const taken = `${path}.${token}`;
    await rename(path, taken);
    await rm(taken, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
