import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { commandOf } from '../../../src/embedded/machine.js';
import { lockHome } from '../../../src/entries/stack/home-lock.js';
import { StartError } from '../../../src/entries/process.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'paysaga-lock-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const hold = (pid: number, command: string) => writeFile(join(home, 'start.lock'), JSON.stringify({ pid, command }));

async function otherProcess(): Promise<{ pid: number; command: string }> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  const pid = child.pid ?? 0;
  return { pid, command: (await commandOf(pid)) ?? '' };
}

it('names this process, and is gone when let go', async () => {
  const letGo = await lockHome(home);
  expect(JSON.parse(await readFile(join(home, 'start.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  await letGo();
  await (
    await lockHome(home)
  )();
});

it('refuses while the holder lives, naming the folder and the process', async () => {
  const { pid, command } = await otherProcess();
  await hold(pid, command);
  await expect(lockHome(home)).rejects.toThrow(StartError);
  await expect(lockHome(home)).rejects.toThrow(`${home} (process ${pid})`);
});

it('is taken over from a holder that was killed, also when its pid is another program now', async () => {
  const { pid, command } = await otherProcess();
  await hold(2 ** 22 + 1, command);
  await (
    await lockHome(home)
  )();
  await hold(pid, 'node something-else.js');
  await (
    await lockHome(home)
  )();
});

it('is taken over from a file that was not written to its end', async () => {
  await writeFile(join(home, 'start.lock'), '{"pid":');
  await (
    await lockHome(home)
  )();
});
