import { expect, test } from 'vitest';
import { balanceDelayMs, FIRST_REFUND_POLL_MS, refundPollDelayMs } from '../../../src/refunds/rules/next-step.js';

const MINUTE = 60_000;
const range = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

test('a refund is polled after a minute five times, then 5, 10, 20, then every 30 minutes', () => {
  const waits = [FIRST_REFUND_POLL_MS, ...range(10).map(refundPollDelayMs)];
  expect(waits.map((ms) => ms / MINUTE)).toEqual([1, 1, 1, 1, 1, 5, 10, 20, 30, 30, 30]);
  expect(refundPollDelayMs(Infinity)).toBe(30 * MINUTE);
});

test('a refund that the balance does not cover is tried again sooner at first, at least every ten minutes', () => {
  expect(range(7).map(balanceDelayMs)).toEqual([
    10_000,
    30_000,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    10 * MINUTE,
  ]);
});
