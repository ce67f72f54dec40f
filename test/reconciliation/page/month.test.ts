import { expect, test } from 'vitest';
import { markOf, neighboursOf, parseMonth, weeksOf, type Month } from '../../../src/reconciliation/page/month.js';
import { day } from '../books.js';

const NOON = new Date('2026-03-01T04:00:00Z');

function month(name: string, now = NOON): Month {
  const parsed = parseMonth(name, now);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

test.each([
  ['2026-02', '2026-02-01', '2026-02-28'],
  ['2024-02', '2024-02-01', '2024-02-29'],
  ['2025-12', '2025-12-01', '2025-12-31'],
  ['2026-03', '2026-03-01', '2026-03-31'],
])('%s goes from %s to %s', (name, first, last) => {
  expect(month(name)).toEqual({ name, first, last });
});

test.each(['2026-04', '2013-07', '2026-13', '2026-2', '202', '2026-02-01', 'x'])('%s is no month to show', (name) => {
  expect(parseMonth(name, NOON)).toMatchObject({ ok: false });
});

test("yesterday's is the one that is shown unasked, by Beijing's clock", () => {
  expect(month('').name).toBe('2026-02');
  expect(month('', new Date('2026-03-01T15:59:59Z')).name).toBe('2026-02');
  expect(month('', new Date('2026-03-01T16:00:00Z')).name).toBe('2026-03');
});

test('one leads to the months around it, as far as there is anything to show', () => {
  expect(neighboursOf(month('2026-03'), NOON)).toEqual({ before: '2026-02', after: null });
  expect(neighboursOf(month('2026-01'), NOON)).toEqual({ before: '2025-12', after: '2026-02' });
  expect(neighboursOf(month('2013-08'), NOON)).toEqual({ before: null, after: '2013-09' });
});

test('its weeks begin on Monday and hold each of its days once', () => {
  const weeks = weeksOf(month('2026-05', new Date('2026-06-01T04:00:00Z')), [], NOON);
  expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7]);
  expect(weeks[0]?.map((it) => it?.date ?? null)).toEqual([
    null,
    null,
    null,
    null,
    '2026-05-01',
    '2026-05-02',
    '2026-05-03',
  ]);
  const dates = weeks.flat().flatMap((it) => it?.date ?? []);
  expect([dates.length, new Set(dates).size, dates.at(-1)]).toEqual([31, 31, '2026-05-31']);
});

test.each([
  ['2026-03-02', 'future'],
  ['2026-03-01', 'today'],
  ['2026-02-28', 'not_begun'],
  ['2025-12-01', 'not_begun'],
  ['2025-11-30', 'too_old'],
])('%s without a run is %s', (date, mark) => {
  expect(markOf(day(date), NOON)).toBe(mark);
});

test('the bills of yesterday are not there before 10:05 in Beijing', () => {
  expect(markOf(day('2026-02-28'), new Date('2026-03-01T02:04:59Z'))).toBe('not_ready');
  expect(markOf(day('2026-02-28'), new Date('2026-03-01T02:05:00Z'))).toBe('not_begun');
});
