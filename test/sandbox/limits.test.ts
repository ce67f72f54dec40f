import { expect, it } from 'vitest';
import type { Merchant } from '../../src/sandbox/identity/merchants.js';
import { createCounters } from '../../src/sandbox/wire/limits.js';

const merchant = { row: { mchid: '1600000001', limits: { query: 2 } } } as unknown as Merchant;

it('no second holds more calls than the limit, wherever it begins, and the refused are counted apart', () => {
  const counters = createCounters();
  const admitted = [0, 999, 999, 1_000, 1_001, 1_999].map((ms) => counters.admit(merchant, 'query', ms));
  expect(admitted).toEqual([true, true, false, true, false, true]);
  expect(counters.calls('1600000001')).toEqual({ query: { count: 6, refusedByLimit: 2 } });
});

it('an API without a limit is only counted', () => {
  const counters = createCounters();
  for (let time = 0; time < 100; time += 1) expect(counters.admit(merchant, 'close', 0)).toBe(true);
  expect(counters.calls('1600000001')).toEqual({ close: { count: 100, refusedByLimit: 0 } });
});
