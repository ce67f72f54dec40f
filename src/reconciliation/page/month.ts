import { err, ok, type Result } from '../../base/result.js';
import { beijingDate, daysAfter, parseBillDate, reconcilableDate, type BillDate } from '../rules/day.js';
import type { CalendarDay } from '../store/calendar.js';
import type { DayMark } from './words.js';

/** A calendar month, `2026-03`. */
export type Month = { readonly name: string; readonly first: BillDate; readonly last: BillDate };

/** Before WeChat Pay there was nothing to reconcile. */
const FIRST_MONTH = '2013-08';

/** From {@link FIRST_MONTH} to this one in Beijing; yesterday's where none is named, since its bills are the latest. */
export function parseMonth(text: string, now: Date): Result<Month, 'month_invalid'> {
  const current = nameOf(beijingDate(now));
  const name = text === '' ? nameOf(daysAfter(beijingDate(now), -1)) : text;
  const first = parseBillDate(`${name}-01`);
  return first.ok && name >= FIRST_MONTH && name <= current ? ok(monthFrom(first.value)) : err('month_invalid');
}

function monthFrom(first: BillDate): Month {
  const inNext = daysAfter(first, 31);
  return { name: nameOf(first), first, last: daysAfter(inNext, -Number(inNext.slice(-2))) };
}

const nameOf = (date: BillDate): string => date.slice(0, 'yyyy-mm'.length);

/** The names of those before and after it; null where there is none to show. */
export function neighboursOf({ name, first, last }: Month, now: Date) {
  return {
    before: name > FIRST_MONTH ? nameOf(daysAfter(first, -1)) : null,
    after: name < nameOf(beijingDate(now)) ? nameOf(daysAfter(last, 1)) : null,
  };
}

export type MonthDay = {
  readonly date: BillDate;
  readonly mark: DayMark;
  readonly isRunning: boolean;
  readonly isStuck: boolean;
  readonly open: number;
};

/** Every day of the month in weeks that begin on Monday; null for days of other months. */
export function weeksOf(month: Month, known: readonly CalendarDay[], now: Date): (MonthDay | null)[][] {
  const length = Number(month.last.slice(-2));
  const days = Array.from({ length }, (_, index) => dayOf(daysAfter(month.first, index), known, now));
  const before = (new Date(`${month.first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const cells = [...Array<null>(before).fill(null), ...days];
  const padded = [...cells, ...Array<null>((7 - (cells.length % 7)) % 7).fill(null)];
  return Array.from({ length: padded.length / 7 }, (_, week) => padded.slice(week * 7, week * 7 + 7));
}

function dayOf(date: BillDate, known: readonly CalendarDay[], now: Date): MonthDay {
  const day = known.find((it) => it.date === date);
  return day === undefined
    ? { date, mark: markOf(date, now), isRunning: false, isStuck: false, open: 0 }
    : { date, mark: day.state, isRunning: day.isRunning, isStuck: day.isStuck, open: day.open };
}

/** Of a day that no run was begun for. */
export function markOf(date: BillDate, now: Date): Exclude<DayMark, CalendarDay['state']> {
  const refused = reconcilableDate(date, now);
  return refused.ok || refused.error === 'malformed' ? 'not_begun' : refused.error;
}
