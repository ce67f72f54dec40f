import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Below the ports that a system gives to whoever asks for any: none that is free here is given away before it is used. */
const LOWEST_PORT = 10_000;
const PORTS = 22_000;

/** Processes that start beside each other have neighbouring ids, and look this far apart. */
const STRIDE = 4_001;

let looked = 0;

/** `count` different free loopback ports, none of which this process was given before. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  const end = looked + PORTS;
  while (found.length < count) {
    if (looked >= end) throw new Error(`Fewer than ${String(count)} loopback ports are free`);
    const port = LOWEST_PORT + ((process.pid * STRIDE + looked) % PORTS);
    looked += 1;
    if (await isFree(port)) found.push(port);
  }
  return found;
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
