import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from '../../src/embedded/cache.js';
import { findTemporal } from '../../src/embedded/temporal-binary.js';
import { isAlive, untilGone } from './processes.js';

// Where it has to be built first, that takes minutes.
beforeAll(async () => {
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  await findTemporal({ env: process.env, cacheDir: cacheFolder(process.env), onProgress });
}, 1_200_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-parent-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Parent {
  process: ChildProcess;
  children: number[];
  lines: string[];
}

async function startParent(): Promise<Parent> {
  const script = fileURLToPath(new URL('./parent-process.ts', import.meta.url));
  const parent = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: parent.stdout });
  reader.on('line', (line) => lines.push(line));
  await once(reader, 'line');
  return { process: parent, children: JSON.parse(lines[0] ?? '[]') as number[], lines };
}

test('when the parent is killed, Temporal and Postgres end too', async () => {
  const parent = await startParent();
  expect(parent.children.map(isAlive)).toEqual([true, true]);
  parent.process.kill('SIGKILL');
  await Promise.all(parent.children.map(untilGone));
});

test('an interrupted parent stops both servers before it ends by itself', async () => {
  const parent = await startParent();
  parent.process.kill('SIGINT');
  const [code] = (await once(parent.process, 'close')) as [number];
  expect({ code, last: parent.lines.at(-1), alive: parent.children.map(isAlive) }).toEqual({
    code: 0,
    last: 'stopped',
    alive: [false, false],
  });
});
