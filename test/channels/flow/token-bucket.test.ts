import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenBucket } from '../../../src/channels/flow/limits.js';

test('an empty bucket says how long until the next token, and gives it then', () => {
  let now = 0;
  const bucket = createTokenBucket(1, () => now);
  expect(bucket.take()).toBe(0);
  const wait = bucket.take();
  expect(wait).toBeGreaterThan(1_000);
  now += wait - 1;
  expect(bucket.take()).toBe(1);
  now += 1;
  expect(bucket.take()).toBe(0);
});

test('no second holds more calls than the limit, wherever it begins', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), steps, (perSecond, gaps) => {
      let now = 0;
      const bucket = createTokenBucket(perSecond, () => now);
      const taken: number[] = [];
      for (const gap of gaps) {
        now += gap;
        while (bucket.take() === 0) taken.push(now);
      }
      const busiest = Math.max(...taken.map((from) => taken.filter((at) => at >= from && at < from + 1_000).length));
      expect(busiest).toBeLessThanOrEqual(perSecond);
    }),
  );
});

test('most of the limit can be used', () => {
  let now = 0;
  const bucket = createTokenBucket(100, () => now);
  let taken = 0;
  for (; now < 10_000; now += 1) if (bucket.take() === 0) taken += 1;
  expect(taken).toBeGreaterThan(890);
});

test('a share below one call a second still gives calls', () => {
  let now = 0;
  const bucket = createTokenBucket(0.2, () => now);
  expect(bucket.take()).toBe(0);
  now += bucket.take();
  expect(bucket.take()).toBe(0);
});

test('a clock that jumps back gives no tokens and breaks nothing', () => {
  let now = 100_000;
  const bucket = createTokenBucket(1, () => now);
  expect(bucket.take()).toBe(0);
  now = 0;
  expect(bucket.take()).toBeGreaterThan(0);
  now = 1_200;
  expect(bucket.take()).toBe(0);
});
