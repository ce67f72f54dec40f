import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheFolder, withLock } from '../../src/embedded/cache.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-cache-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the cache is where XDG says, else below the home folder', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/paysaga');
  expect(cacheFolder({ XDG_CACHE_HOME: '' })).toBe(join(homedir(), '.cache', 'paysaga'));
  expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'paysaga'));
});

test('one holder at a time works under the lock, and waiters say once that they wait', async () => {
  const path = join(folder, 'one', 'lock');
  let inside = 0;
  let most = 0;
  let waiting = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await expect.poll(() => waiting).toBe(2);
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(path, work, () => (waiting += 1))));
  expect({ most, waiting }).toEqual({ most: 1, waiting: 2 });
  expect(await readdir(join(folder, 'one'))).toEqual([]);
});

test('a lock whose holder threw is free again', async () => {
  const path = join(folder, 'thrown');
  await expect(
    withLock(
      path,
      () => Promise.reject(new Error('broken')),
      () => undefined,
    ),
  ).rejects.toThrow('broken');
  expect(
    await withLock(
      path,
      () => Promise.resolve('free'),
      () => undefined,
    ),
  ).toBe('free');
});

test('a lock that nobody renewed is taken over', async () => {
  const path = join(folder, 'stale');
  await writeFile(path, 'a process that was killed');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(path, longAgo, longAgo);
  expect(
    await withLock(
      path,
      () => Promise.resolve('mine'),
      () => undefined,
    ),
  ).toBe('mine');
});
