import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnService } from '../../src/embedded/children.js';
import { isAlive, untilGone } from './processes.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-children-'));
});
afterAll(() => rm(folder, { recursive: true }));

const node = (name: string, script: string) => ({ name, command: process.execPath, args: ['-e', script] });
const WAITS = `console.log('ready', process.pid); setInterval(() => {}, 1e6);`;
const DEAF = `process.on('SIGTERM', () => console.log('heard')); ${WAITS}`;

test('a service is ready when its output says so, and its pid is the command’s own', async () => {
  const logFile = join(folder, 'ready.log');
  const service = await spawnService({ ...node('waits', WAITS), ready: /^ready/, logFile });
  await service.stop();
  expect(await readFile(logFile, 'utf8')).toBe(`ready ${String(service.pid)}\n`);
});

test('a stopped service is gone and says by which signal', async () => {
  const service = await spawnService({ ...node('waits', WAITS), ready: /ready/ });
  expect(await service.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(isAlive(service.pid)).toBe(false);
  expect(await service.stop()).toEqual(await service.exited);
});

test('a service whose guard is killed ends, and is known to have ended', async () => {
  const [alone, both] = await Promise.all([1, 2].map(() => spawnService({ ...node('waits', WAITS), ready: /ready/ })));
  if (alone === undefined || both === undefined) throw new Error('two services');
  for (const { pid } of [alone, both]) process.kill(await parentOf(pid), 'SIGKILL');
  process.kill(both.pid, 'SIGKILL');
  for (const service of [alone, both]) {
    expect(await service.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await untilGone(service.pid);
    await service.stop();
  }
});

async function parentOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=', '-p', String(pid)]);
  return Number(stdout);
}

test('a service that does not stop in its grace time is killed', async () => {
  const service = await spawnService({ ...node('deaf', DEAF), ready: /ready/ });
  expect(await service.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
});

test('a service that ends by itself reports its exit code', async () => {
  const service = await spawnService({ ...node('ends', `console.log('ready'); process.exitCode = 3`), ready: /ready/ });
  expect(await service.exited).toEqual({ code: 3, signal: null });
});

test('a service that ends before it is ready throws its last words', async () => {
  const failing = spawnService({ ...node('Ledger', `console.error('no such book'); process.exit(7)`), ready: /ready/ });
  await expect(failing).rejects.toThrow(/Ledger did not start: it exited with 7\n.*no such book/s);
});

test('a command that does not exist throws', async () => {
  const failing = spawnService({ name: 'nothing', command: join(folder, 'nothing'), args: [], ready: /ready/ });
  await expect(failing).rejects.toThrow(/nothing did not start/);
});

test('a service that is not ready in time is killed', async () => {
  const logFile = join(folder, 'late.log');
  const failing = spawnService({ ...node('late', WAITS), ready: /never/, readyTimeoutMs: 1_500, logFile });
  await expect(failing).rejects.toThrow(/late did not start: not ready after 1500 ms/);
  const pid = Number((await readFile(logFile, 'utf8')).split(' ')[1]);
  expect(isAlive(pid)).toBe(false);
});

test('a probe is told to end when the service ends first', async () => {
  let ended = false;
  const ready = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        ended = true;
        resolve();
      });
    });
  await expect(spawnService({ ...node('ends', 'process.exit(1)'), ready })).rejects.toThrow(/exited with 1/);
  expect(ended).toBe(true);
});

test('the environment is the one that was given and no other', async () => {
  const logFile = join(folder, 'env.log');
  const script = `console.log(JSON.stringify(Object.keys(process.env).filter((name) => name !== 'PWD')))`;
  const service = await spawnService({ ...node('env', script), env: { BOOK: 'open' }, ready: /BOOK/, logFile });
  await service.exited;
  expect(JSON.parse(await readFile(logFile, 'utf8'))).toEqual(expect.not.arrayContaining(['PATH', 'HOME']));
});
