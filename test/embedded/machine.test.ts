import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { freePorts, givenFile } from '../../src/embedded/machine.js';

test('ports asked for together are all different', async () => {
  const ports = await freePorts(50);
  expect(new Set(ports).size).toBe(50);
  expect(Math.min(...ports)).toBeGreaterThan(1_023);
});

test('no port is chosen twice, nor one that the system gives to whoever asks for any', async () => {
  const chosen = (await Promise.all([freePorts(3), freePorts(3), freePorts(3)])).flat();
  expect(new Set(chosen).size).toBe(9);
  expect(Math.max(...chosen)).toBeLessThan(32_768);
});

test('a port stays with the process that was given it, until that ends', async () => {
  const give = (port: number, pid: number) => writeFile(givenFile(port), String(pid));
  const [before = 0] = await freePorts(1);
  await give(before + 1, process.ppid);
  const [after = 0] = await freePorts(1);
  expect(after).toBeGreaterThan(before + 1);
  await give(after + 1, spawnSync(process.execPath, ['-e', '']).pid);
  expect(await freePorts(1)).toEqual([after + 1]);
});
