import { describe, expect, it } from 'vitest';
import { parseOutTradeNo } from '../../../src/base/ids.js';
import {
  closeDelayMs,
  doubtDelayMs,
  nextPollMs,
  paceOf,
  pollDelayMs,
  retryDelayMs,
  thinnedMs,
} from '../../../src/orders/rules/schedules.js';
import { troubleOf } from '../../../src/orders/rules/trouble.js';
import { must } from './fixtures.js';

const MINUTE = 60_000;
const range = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

describe('schedules', () => {
  it('polls after 60 s, 30 s, 1, 3, 5, 10 min, then every 10 min, and every 30 min beyond two hours', () => {
    const polls = [60_000];
    for (const atMs of polls) if (polls.length < 8) polls.push(atMs + pollDelayMs(atMs));
    expect(polls.map((atMs) => atMs / MINUTE)).toEqual([1, 1.5, 2.5, 5.5, 10.5, 20.5, 30.5, 40.5]);
    expect(pollDelayMs(120 * MINUTE - 1)).toBe(10 * MINUTE);
    expect(pollDelayMs(120 * MINUTE)).toBe(30 * MINUTE);
    expect(nextPollMs(0, 3 * MINUTE)).toBe(5.5 * MINUTE);
  });

  it('goes on by the age of the attempt, however often its polling began anew', () => {
    expect(pollDelayMs(11 * MINUTE)).toBe(10 * MINUTE);
  });

  it('gives each attempt a pace of its own, so that a thousand made together are polled apart', () => {
    const numbers = Array.from({ length: 1_000 }, (_, n) => must(parseOutTradeNo(`A-${100_000 + n}`)));
    const firstAt = numbers.map((outTradeNo) => nextPollMs(0, 0, paceOf(outTradeNo)));
    expect(Math.min(...firstAt)).toBeGreaterThanOrEqual(60_000);
    expect(Math.max(...firstAt)).toBeLessThan(75_000);
    const bySecond = firstAt.map((atMs) => Math.floor(atMs / 1_000));
    const busiest = Math.max(...bySecond.map((second) => bySecond.filter((it) => it === second).length));
    expect(busiest).toBeLessThan(100);
  });

  it('stretches the whole schedule by it', () => {
    for (const afterMs of [0, 61, 200, 1_000, 7_000, 7_201, 90_000].map((seconds) => seconds * 1_000)) {
      expect(nextPollMs(0, 1.2 * afterMs, 1.2)).toBe(1.2 * nextPollMs(0, afterMs));
    }
  });

  it('thins polls out that are put off, or come late, to once an hour at most', () => {
    const none = { lateMs: 0, timesPutOff: 0 };
    expect(thinnedMs(30_000, none)).toBe(30_000);
    expect(thinnedMs(30_000, { ...none, lateMs: 3_000 })).toBe(30_000);
    expect(thinnedMs(30_000, { ...none, lateMs: 30_000 })).toBe(5 * MINUTE);
    expect([1, 2, 3, 60].map((timesPutOff) => thinnedMs(10 * MINUTE, { ...none, timesPutOff }) / MINUTE)).toEqual([
      20, 40, 60, 60,
    ]);
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
