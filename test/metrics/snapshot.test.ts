import { expect, test } from 'vitest';
import { createSnapshot } from '../../src/metrics/figures.js';

function snapshotOf(read: () => Promise<number>, timeoutMs = 60_000) {
  const clock = { nowMs: 0 };
  const snapshot = createSnapshot(read, { now: () => new Date(clock.nowMs), keepMs: 10_000, timeoutMs });
  return { clock, snapshot };
}

test('one reading serves all who ask while it is fresh', async () => {
  let reads = 0;
  const { clock, snapshot } = snapshotOf(() => Promise.resolve((reads += 1)));

  expect(await Promise.all([snapshot(), snapshot()])).toEqual([1, 1]);
  clock.nowMs = 9_999;
  expect(await snapshot()).toBe(1);
  clock.nowMs = 10_000;
  expect(await snapshot()).toBe(2);
});

test('a reading that fails is none, and is not repeated by every scraper', async () => {
  let reads = 0;
  const { clock, snapshot } = snapshotOf(() => {
    reads += 1;
    return reads === 1 ? Promise.reject(new Error('away')) : Promise.resolve(reads);
  });

  expect(await snapshot()).toBeUndefined();
  expect(await snapshot()).toBeUndefined();
  clock.nowMs = 10_000;
  expect(await snapshot()).toBe(2);
});

test('a reading that hangs is none', async () => {
  const { snapshot } = snapshotOf(() => new Promise(() => undefined), 10);

  expect(await snapshot()).toBeUndefined();
});
