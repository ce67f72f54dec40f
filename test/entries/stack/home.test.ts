import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parseMchid, type Mchid } from '../../../src/base/ids.js';
import { commandOf } from '../../../src/embedded/machine.js';
import { StartError } from '../../../src/entries/process.js';
import { devFile, lockHome, removeDevFile, writeDevFile } from '../../../src/entries/stack/home.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'paysaga-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('the lock', () => {
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
});

type Told = typeof devFile extends (urls: never, told: ReadonlyMap<Mchid, infer T>, keys: never) => unknown ? T : never;

describe('dev.json', () => {
  const urls = {
    apiUrl: 'http://127.0.0.1:8080',
    sandboxUrl: 'http://127.0.0.1:8090',
    temporalAddress: '127.0.0.1:7233',
    temporalUiUrl: null,
    databaseUrl: 'postgres://127.0.0.1/paysaga',
  };
  const FIRST = mchidOf('1600000001');
  const SECOND = mchidOf('1600000002');
  const keys = { operatorKey: 'operator', merchantKeys: { [FIRST]: 'first', [SECOND]: 'second' } };
  const webhook = { url: 'http://127.0.0.1:3000/', secrets: ['newest', 'oldest'], allowedPrivateRanges: [] };

  it("a merchant's webhook secret is its newest, and null where nothing is delivered; its API is said", () => {
    const merchants = new Map<Mchid, Told>([
      [FIRST, { webhook: null, credentials: { protocol: 'v3' } }],
      [SECOND, { webhook, credentials: { protocol: 'v2' } }],
    ]);
    expect(devFile(urls, merchants, keys)).toEqual({
      ...urls,
      apiKey: 'first',
      operatorKey: 'operator',
      mchid: FIRST,
      merchants: [
        { mchid: FIRST, protocol: 'v3', apiKey: 'first', webhookSecret: null },
        { mchid: SECOND, protocol: 'v2', apiKey: 'second', webhookSecret: 'newest' },
      ],
    });
  });

  it('it is there in one piece for its owner only, or not at all', async () => {
    await removeDevFile(home);
    const dev = devFile(urls, new Map<Mchid, Told>([[FIRST, { webhook, credentials: { protocol: 'v3' } }]]), keys);
    await writeDevFile(home, dev);
    expect(JSON.parse(await readFile(join(home, 'dev.json'), 'utf8'))).toEqual(dev);
    expect((await stat(join(home, 'dev.json'))).mode & 0o777).toBe(0o600);
    await removeDevFile(home);
    await expect(stat(join(home, 'dev.json'))).rejects.toThrow('ENOENT');
  });
});

function mchidOf(text: string): Mchid {
  const parsed = parseMchid(text);
  if (!parsed.ok) throw new Error('not a mchid');
  return parsed.value;
}
