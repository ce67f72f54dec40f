import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { choosePorts } from '../../../src/entries/stack/ports.js';
import { StartError } from '../../../src/entries/process.js';

const ANY = { api: 0, sandbox: 0, temporal: 0, temporalUi: 0, postgres: 0, worker: 0, admin: 0 };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'paysaga-ports-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it('any ports are the same at the next start, and all different', async () => {
  const first = await choosePorts(home, ANY);
  expect(new Set(Object.values(first)).size).toBe(7);
  expect(await choosePorts(home, ANY)).toEqual(first);
});

it('a port of the last start that somebody took meanwhile is replaced, the others stay', async () => {
  const first = await choosePorts(home, ANY);
  const taken = await takenPort();
  await writeFile(join(home, 'ports.json'), JSON.stringify({ ...first, api: taken }));
  const next = await choosePorts(home, ANY);
  expect(next.api).not.toBe(taken);
  expect(next).toEqual({ ...first, api: next.api });
});

it('a port that was asked for and is taken is refused by its setting, unless its service runs elsewhere', async () => {
  const taken = await takenPort();
  const wanted = { ...ANY, temporal: taken };
  await expect(choosePorts(home, wanted)).rejects.toThrow(StartError);
  await expect(choosePorts(home, wanted)).rejects.toThrow(
    `port ${taken} is taken; choose another with PAYSAGA_TEMPORAL_PORT`,
  );
  expect((await choosePorts(home, wanted, ['temporal'])).temporal).toBe(taken);
});

it('a file of ports that was written by hand does no harm', async () => {
  await writeFile(join(home, 'ports.json'), '{"api":"eighty"}');
  expect((await choosePorts(home, ANY)).api).toBeGreaterThan(0);
});
