import { expect, test } from 'vitest';
import { createSyncLimit } from '../../../src/ingress/checkout/sync-limit.js';

test('an order may be asked about three times at once and then every five seconds', () => {
  let nowMs = 1_000_000;
  const limit = createSyncLimit(() => new Date(nowMs));
  expect([limit('a'), limit('a'), limit('a'), limit('a')]).toEqual([0, 0, 0, 5]);
  expect(limit('b')).toBe(0);
  nowMs += 4_000;
  expect(limit('a')).toBe(1);
  nowMs += 1_000;
  expect([limit('a'), limit('a')]).toEqual([0, 5]);
});

test('a press that was turned away does not push the next one further off', () => {
  let nowMs = 0;
  const limit = createSyncLimit(() => new Date(nowMs));
  for (let press = 0; press < 50; press += 1) limit('a');
  nowMs += 5_000;
  expect(limit('a')).toBe(0);
});
