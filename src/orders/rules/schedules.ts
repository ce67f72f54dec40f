import type { OutTradeNo } from '../../base/ids.js';
import { firstAfter, HOUR, MINUTE, SECOND } from '../../base/time.js';

/** No polling before this: most payers pay within a minute, and the notify tells it. */
const FIRST_WAIT_MS = 60 * SECOND;

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

/** How often an attempt is polled until how long after its code; from the last on every 30 min. Each time lies between two polls. */
const POLLS: readonly { readonly untilMs: number; readonly everyMs: number }[] = [
  { untilMs: 75 * SECOND, everyMs: 30 * SECOND },
  { untilMs: 2 * MINUTE, everyMs: MINUTE },
  { untilMs: 4 * MINUTE, everyMs: 3 * MINUTE },
  { untilMs: 8 * MINUTE, everyMs: 5 * MINUTE },
  { untilMs: 2 * HOUR, everyMs: 10 * MINUTE },
];
const RARELY_MS = 30 * MINUTE;

/** Polls that thin out come at least this often. */
const THINNEST_MS = HOUR;

/** A poll that comes late by this share of the time to the next one is a sign that there are too many. */
const LATE_SHARE = 0.1;

const DOUBT_DELAYS_MS = [5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE] as const;

/**
 * Milliseconds from a poll to the next, as the rule says, of an attempt whose code has been there for `openForMs`: 30 s, 1, 3, 5, 10
 * min, then every 10 min, every 30 min after two hours. `pace` stretches all of them ({@link paceOf}).
 */
export function pollDelayMs(openForMs: number, pace = 1): number {
  return Math.round(pace * (POLLS.find(({ untilMs }) => openForMs < pace * untilMs)?.everyMs ?? RARELY_MS));
}

export const firstPollMs = (openedAtMs: number, pace = 1): number => openedAtMs + Math.round(pace * FIRST_WAIT_MS);

/** The first poll after a moment, as the rule says, of an attempt opened at `openedAtMs`. */
export const nextPollMs = (openedAtMs: number, afterMs: number, pace = 1): number =>
  firstAfter(afterMs, firstPollMs(openedAtMs, pace), (_n, atMs) => pollDelayMs(atMs - openedAtMs, pace));

/** From 1 to 1.25, each number's own: what was ordered together is not polled together. */
export function paceOf(outTradeNo: OutTradeNo): number {
  // FNV-1a and a last stir, so that numbers that follow each other come to lie far apart.
  let hash = 0x811c9dc5;
  for (const character of outTradeNo) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return 1 + ((hash ^ (hash >>> 12)) >>> 0) / 2 ** 34;
}

/**
 * Milliseconds to the next poll where there are too many: polls that were put off `timesPutOff` times in a row come half as often
 * each time, and those that come late (their worker is behind, or Temporal) so rarely that they are late by a tenth of it.
 */
export function thinnedMs(everyMs: number, { lateMs, timesPutOff }: Pressure): number {
  const wantedMs = Math.max(everyMs * 2 ** timesPutOff, lateMs / LATE_SHARE);
  return Math.min(wantedMs, Math.max(everyMs, THINNEST_MS));
}

/** The next poll is `delayMs` away, more than the rule and a call between them say. */
export const isThinned = (delayMs: number, openForMs: number, pace: number): boolean =>
  delayMs > pollDelayMs(openForMs, pace) + 30 * SECOND;

export type Pressure = { readonly lateMs: number; readonly timesPutOff: number };

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
