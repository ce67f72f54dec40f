import type { Language } from './language.js';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** The first moment after `afterMs` of a schedule from `firstMs` on; `delayMs` follows its `n`th moment, from 1. */
export function firstAfter(afterMs: number, firstMs: number, delayMs: (n: number, atMs: number) => number): number {
  let atMs = firstMs;
  for (let n = 1; atMs <= afterMs; n += 1) atMs += delayMs(n, atMs);
  return atMs;
}

/** Beijing has no summer time. */
const BEIJING_MS = 8 * HOUR;

/** `2026-03-01T18:05:09`, Beijing time. */
export const beijingClock = (at: Date): string => new Date(at.getTime() + BEIJING_MS).toISOString().slice(0, 19);

/** `2026-03-01 18:05:09`, Beijing time: what WeChat Pay's own platform shows. */
export const beijingTime = (at: Date): string => beijingClock(at).replace('T', ' ');

/** `2026-03-01 18:05:09+08`, for places that do not say whose time it is: nobody decides by milliseconds. */
export const zonedTime = (at: Date): string => `${beijingTime(at)}+08`;

const UNITS = [
  { ms: DAY, zh: ' 天', en: ' d', short: 'd' },
  { ms: HOUR, zh: ' 小时', en: ' h', short: 'h' },
  { ms: MINUTE, zh: ' 分', en: ' min', short: 'm' },
  { ms: SECOND, zh: ' 秒', en: ' s', short: 's' },
] as const;

/** The largest unit and the next one: `2 h 5 min`, short `2h5m`. */
export function duration(ms: number, form: Language | 'short'): string {
  let left = Math.max(0, Math.round(ms / SECOND) * SECOND);
  const first = UNITS.findIndex((unit) => left >= unit.ms);
  if (first === -1) return `0${UNITS[3][form]}`;
  const parts = UNITS.slice(first, first + 2).flatMap((unit) => {
    const count = Math.floor(left / unit.ms);
    left %= unit.ms;
    return count === 0 ? [] : [`${count}${unit[form]}`];
  });
  return parts.join(form === 'short' ? '' : ' ');
}

export function relativeTime(at: Date, now: Date, language: Language): string {
  const ms = at.getTime() - now.getTime();
  const length = duration(Math.abs(ms), language);
  if (Math.abs(ms) < SECOND) return language === 'zh' ? '现在' : 'now';
  if (language === 'zh') return ms < 0 ? `${length}前` : `${length}后`;
  return ms < 0 ? `${length} ago` : `in ${length}`;
}
