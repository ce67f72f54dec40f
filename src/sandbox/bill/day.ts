import { beijingTime } from '../store/clock.js';

/** A Beijing day: `from` to before `to`; its bills are made at `madeAt`. Ms since the epoch. */
export interface Day {
  date: string;
  from: number;
  to: number;
  madeAt: number;
}

const hour = 3_600_000;

/** A `yyyy-MM-dd` that the calendar has. */
export function parseDay(date: string): Day | undefined {
  const from = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00+08:00`) : Number.NaN;
  if (Number.isNaN(from) || beijingTime(from).slice(0, 10) !== date) return undefined;
  const to = from + 24 * hour;
  return { date, from, to, madeAt: to + 10 * hour };
}

/** Bills of three months, up to yesterday, can be had; yesterday's from 10:00 on. */
export function billing(day: Day, now: number): 'ready' | 'creating' | 'outOfRange' {
  if (now < day.to || day.to <= monthsBefore(now, 3)) return 'outOfRange';
  return now < day.madeAt ? 'creating' : 'ready';
}

function monthsBefore(now: number, months: number): number {
  const at = new Date(now + 8 * hour);
  at.setUTCMonth(at.getUTCMonth() - months);
  return at.getTime() - 8 * hour;
}
