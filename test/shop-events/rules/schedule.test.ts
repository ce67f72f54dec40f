import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliveryDelayMs } from '../../../src/shop-events/rules/event.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MIDDLE = 0.5;

const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

test('the waits are those of Standard Webhooks; after the tenth try there is no other', () => {
  const waits = Array.from({ length: 11 }, (_, index) => deliveryDelayMs(index + 1, MIDDLE, null));
  expect(waits).toEqual([...WAITS, undefined, undefined]);
});

test('a wait varies by a tenth at most, either way', () => {
  for (const [index, waitMs] of WAITS.entries()) {
    expect(deliveryDelayMs(index + 1, 0, null)).toBe(Math.round(waitMs * 0.9));
    expect(deliveryDelayMs(index + 1, 1, null)).toBe(Math.round(waitMs * 1.1));
  }
});

test('a shop that asks for more time gets it, up to a day', () => {
  expect(deliveryDelayMs(1, MIDDLE, 10 * MINUTE)).toBe(10 * MINUTE);
  expect(deliveryDelayMs(1, MIDDLE, 48 * HOUR)).toBe(24 * HOUR);
});

test('a shop that asks for less is not told sooner, and one that asks for more is not told once more', () => {
  expect(deliveryDelayMs(2, MIDDLE, 0)).toBe(5 * MINUTE);
  expect(deliveryDelayMs(2, MIDDLE, MINUTE)).toBe(5 * MINUTE);
  expect(deliveryDelayMs(10, MIDDLE, MINUTE)).toBeUndefined();
});

test('every wait is a whole number of milliseconds, of 4.5 seconds at least and 26.4 hours at most', () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true });
  const retryAfterMs = fc.option(fc.nat());
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), chance, retryAfterMs, (tries, luck, asked) => {
      const waitMs = deliveryDelayMs(tries, luck, asked);
      expect(Number.isSafeInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(4.5 * SECOND);
      expect(waitMs).toBeLessThanOrEqual(26.4 * HOUR);
    }),
  );
});
