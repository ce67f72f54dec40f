import { expect, test } from 'vitest';
import { createKeyedRate } from '../../src/base/rate.js';

const RATE = { burst: 3, intervalMs: 5_000 };

/** Milliseconds to wait, or 0 and it is counted. */
function presses() {
  const clock = { nowMs: 1_000_000 };
  const rate = createKeyedRate(RATE, () => new Date(clock.nowMs));
  const press = (key: string): number => {
    const waitMs = rate.waitMs(key);
    if (waitMs === 0) rate.count(key);
    return waitMs;
  };
  return { clock, press, rate };
}

test('a key may come three times at once and then every five seconds', () => {
  const { clock, press } = presses();
  expect([press('a'), press('a'), press('a'), press('a')]).toEqual([0, 0, 0, 5_000]);
  expect(press('b')).toBe(0);
  clock.nowMs += 4_000;
  expect(press('a')).toBe(1_000);
  clock.nowMs += 1_000;
  expect([press('a'), press('a')]).toEqual([0, 5_000]);
});

test('what was turned away does not push the next one further off', () => {
  const { clock, press } = presses();
  for (let n = 0; n < 50; n += 1) press('a');
  clock.nowMs += 5_000;
  expect(press('a')).toBe(0);
});

test('what is counted all the same does', () => {
  const { clock, rate } = presses();
  for (let n = 0; n < 5; n += 1) rate.count('a');
  expect(rate.waitMs('a')).toBe(15_000);
  clock.nowMs += 15_000;
  expect(rate.waitMs('a')).toBe(0);
});

test('a clock that goes back gives nobody more than the burst', () => {
  const { clock, press } = presses();
  for (let n = 0; n < 3; n += 1) press('a');
  clock.nowMs -= 60_000;
  expect(press('a')).toBeGreaterThan(0);
});
