import { describe, expect, it } from 'vitest';
import { closeDelayMs, doubtDelayMs, pollDelayMs, retryDelayMs } from '../../../src/orders/rules/schedules.js';
import { troubleOf } from '../../../src/orders/rules/trouble.js';

const MINUTE = 60_000;
const range = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

describe('schedules', () => {
  it('polls after 30 s, 1, 3, 5, 10 min, then every 10 min, and every 30 min beyond two hours', () => {
    expect(range(7).map((n) => pollDelayMs(n, 0) / MINUTE)).toEqual([0.5, 1, 3, 5, 10, 10, 10]);
    expect(pollDelayMs(1, 120 * MINUTE + 1)).toBe(30 * MINUTE);
    expect(pollDelayMs(99, 120 * MINUTE)).toBe(10 * MINUTE);
  });

  it('asks about doubted evidence six more times', () => {
    expect(range(7).map(doubtDelayMs)).toEqual([5_000, 15_000, 30_000, 60_000, 120_000, 300_000, undefined]);
  });

  it('repeats a close for as long as it takes, at most every five minutes', () => {
    expect(range(8).map(closeDelayMs)).toEqual([5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 300_000, 300_000]);
  });

  it('repeats a gateway call at least every minute', () => {
    expect(range(7).map(retryDelayMs)).toEqual([1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 60_000]);
  });
});

describe('trouble', () => {
  it('is told at once when the merchant has to repair something, and once only', () => {
    expect(troubleOf('merchant_config', 0, null)).toBe('merchant_config');
    expect(troubleOf('merchant_config', 0, 'gateway_unreachable')).toBe('merchant_config');
    expect(troubleOf('merchant_config', 10 * MINUTE, 'merchant_config')).toBeNull();
  });

  it('is told after three minutes without an answer', () => {
    expect(troubleOf('unknown', 3 * MINUTE - 1, null)).toBeNull();
    expect(troubleOf('unknown', 3 * MINUTE, null)).toBe('gateway_unreachable');
    expect(troubleOf('rate_limited', 3 * MINUTE, null)).toBe('gateway_unreachable');
    expect(troubleOf('unknown', 3 * MINUTE, 'gateway_unreachable')).toBeNull();
  });
});
