import { firstAfter, MINUTE } from '../../base/time.js';

/**
 * WeChat Pay's own advice for asking about a refund: every minute five times, then after 5, 10, 20, then every 30 minutes. The
 * first is the wait before the first poll.
 */
const POLL_DELAYS_MS = [1, 1, 1, 1, 1, 5, 10, 20].map((minutes) => minutes * MINUTE);

/** Milliseconds from the `n`th poll (1 is the first) to the next. */
export const refundPollDelayMs = (n: number): number => POLL_DELAYS_MS[n] ?? 30 * MINUTE;

/** From the apply to the first poll. */
export const FIRST_REFUND_POLL_MS = MINUTE;

/** The first poll after a moment, as the rule says, of a refund applied for at `appliedAtMs`. */
export const nextRefundPollMs = (appliedAtMs: number, afterMs: number): number =>
  firstAfter(afterMs, appliedAtMs + FIRST_REFUND_POLL_MS, refundPollDelayMs);

const BALANCE_DELAYS_MS = [10_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE] as const;

/** Milliseconds to the next try of a refund that the merchant's balance does not cover, at most 10 minutes. */
export const balanceDelayMs = (attempt: number): number => BALANCE_DELAYS_MS[attempt - 1] ?? 10 * MINUTE;
