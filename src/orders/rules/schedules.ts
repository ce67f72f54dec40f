import { firstAfter, HOUR, MINUTE, SECOND } from '../../base/time.js';

/** No polling before this: most payers pay within a minute, and the notify tells it. */
export const FIRST_WAIT_MS = 60 * SECOND;

/** Trouble that lasts this long is shown to people. */
export const STUCK_AFTER_MS = 3 * MINUTE;

/** Longer than any try of a call: who asks again after this, and is not answered yet, asks anew. */
export const ASK_AGAIN_MS = 15 * SECOND;

/** Two answers "no such order" this far apart, and no code ever given, prove that a lost prepay never happened. */
export const NOT_EXIST_GAP_MS = 30 * SECOND;

/** API v2 takes no close of a trade sooner after its prepay. */
export const V2_CLOSE_AFTER_MS = 5 * MINUTE;

/** A payer types the password: asked for this often, the charge is given up after that, and reversed no sooner than WeChat Pay advises. */
export const CHARGE_POLL_MS = 5 * SECOND;
export const CHARGE_LASTS_MS = 45 * SECOND;
export const REVERSE_AFTER_MS = 15 * SECOND;

const POLL_DELAYS_MS = [30 * SECOND, MINUTE, 3 * MINUTE, 5 * MINUTE, 10 * MINUTE] as const;
const DOUBT_DELAYS_MS = [5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE] as const;

/**
 * Milliseconds from the `n`th poll (1 is the first) to the next: 30 s, 1, 3, 5, 10 min, then every 10 min, every 30 min once
 * the attempt has been open for two hours.
 */
export function pollDelayMs(n: number, openForMs: number): number {
  if (openForMs > 2 * HOUR) return 30 * MINUTE;
  return POLL_DELAYS_MS[n - 1] ?? 10 * MINUTE;
}

/** The first poll after a moment, as the rule says, of an attempt opened at `openedAtMs`. */
export const nextPollMs = (openedAtMs: number, afterMs: number): number =>
  firstAfter(afterMs, openedAtMs + FIRST_WAIT_MS, (n, atMs) => pollDelayMs(n, atMs - openedAtMs));

/** The first query after a moment of a charge that was sent at `sentAtMs`. */
export const nextChargePollMs = (sentAtMs: number, afterMs: number): number =>
  firstAfter(afterMs, sentAtMs + CHARGE_POLL_MS, () => CHARGE_POLL_MS);

/** Milliseconds to the next query after `tries` queries that did not confirm what evidence says; `undefined`: a person decides. */
export const doubtDelayMs = (tries: number): number | undefined => DOUBT_DELAYS_MS[tries - 1];

/** The first query after a moment, as the rule says, about evidence that came at `sinceMs`; null once only slow polling is left. */
export function nextDoubtMs(sinceMs: number, afterMs: number): number | null {
  const atMs = firstAfter(afterMs, sinceMs + DOUBT_DELAYS_MS[0], (n) => doubtDelayMs(n + 1) ?? Infinity);
  return atMs === Infinity ? null : atMs;
}

/** Milliseconds to the next try after `tries` rounds of query, close, query that did not end in CLOSED. */
export const closeDelayMs = (tries: number): number => DOUBT_DELAYS_MS[tries - 1] ?? 5 * MINUTE;

/** Milliseconds to the next try of a durable gateway call. */
export const retryDelayMs = (attempt: number): number => [1_000, 2_000, 5_000, 10_000, 30_000][attempt - 1] ?? 60_000;

/** Milliseconds until Postgres is asked again to take what it refused: a person has to change something first. */
export const refusedDelayMs = (attempt: number): number => [30_000, 60_000, 120_000][attempt - 1] ?? 300_000;
