import type { Outward, Within } from '../../channels/outward/outward.js';

/** What each call of the doctor's to WeChat Pay goes out with. */
export type Asking = { readonly now: () => Date; readonly outward: Outward };

const TIMEOUT_MS = 8_000;

/** The time that one such call may take, from now. */
export function patience(): Within {
  const untilMs = performance.now() + TIMEOUT_MS;
  return { signal: AbortSignal.timeout(TIMEOUT_MS), timeLeftMs: () => Math.max(0, untilMs - performance.now()) };
}
