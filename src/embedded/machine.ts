import { execFile } from 'node:child_process';
import { access, constants, mkdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.js';
import { writeOnce } from './write-file.js';

/** Below the ports that a system gives to whoever asks for any: none that is free here is given away before it is used. */
const LOWEST_PORT = 10_000;
const PORTS = 22_000;

/** Processes that start beside each other have neighbouring ids, and look this far apart. */
const STRIDE = 4_001;

let looked = 0;

/** `count` different free loopback ports, none of which this process or another that still runs was given before. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  const end = looked + PORTS;
  while (found.length < count) {
    if (looked >= end) throw new Error(`Fewer than ${String(count)} loopback ports are free`);
    const port = LOWEST_PORT + ((process.pid * STRIDE + looked) % PORTS);
    looked += 1;
    if ((await isFree(port)) && (await isGiven(port))) found.push(port);
  }
  return found;
}

/** What was killed finds its port again only if nobody took it meanwhile: a file for each says to which process it was given. */
async function isGiven(port: number): Promise<boolean> {
  const file = givenFile(port);
  const isKept = await mkdir(dirname(file), { recursive: true }).then(
    () => true,
    () => false,
  );
  // A home that cannot be written to: free has to do.
  if (!isKept) return true;
  const give = (): Promise<boolean> => writeOnce(file, String(process.pid));
  if (await give()) return true;
  if (isAlive(Number(await readFile(file, 'utf8').catch(() => '')))) return false;
  await rm(file, { force: true });
  return give();
}

export const givenFile = (port: number): string => join(cacheFolder({}), 'ports', String(port));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return undefined;
}

/** The command line of a process; `undefined` when none has this pid. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  try {
    if (platform() === 'linux') return (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    return (await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return undefined;
  }
}
