import { describe, expect, test } from 'vitest';
import {
  type BillDate,
  beijingDate,
  daysAfter,
  parseBillDate,
  reconcilableDate,
  reconcilableSpan,
  startOf,
} from '../../../src/reconciliation/rules/day.js';

const beijing = (clock: string) => new Date(`${clock}+08:00`);

describe('a day that may be reconciled', () => {
  const now = beijing('2026-03-10T10:05:00');

  test.each(['2026-03-09', '2026-03-01', '2025-12-10'])('%s, on 10 March 2026 at 10:05 in Beijing', (date) =>
    expect(reconcilableDate(date, now)).toEqual({ ok: true, value: date }),
  );

  test.each([
    ['2026-03-11', 'future'],
    ['2026-03-10', 'today'],
    ['2025-12-09', 'too_old'],
    ['2026-02-29', 'malformed'],
    ['2026-13-01', 'malformed'],
    ['20260309', 'malformed'],
    ['2026-03-09T00:00:00', 'malformed'],
    ['2026-3-9', 'malformed'],
    ['0000-01-01', 'malformed'],
    [' 2026-03-09', 'malformed'],
    ['', 'malformed'],
  ])('not %j: %s', (date, error) => expect(reconcilableDate(date, now)).toEqual({ ok: false, error }));

  test('not yesterday before 10:05, when the day before is', () => {
    const early = beijing('2026-03-10T10:04:59.999');
    expect(reconcilableDate('2026-03-09', early)).toEqual({ ok: false, error: 'not_ready' });
    expect(reconcilableDate('2026-03-08', early).ok).toBe(true);
  });

  test('is counted by the day in Beijing, wherever the server stands', () => {
    const justToday = beijing('2026-03-10T00:00:00');
    expect(reconcilableDate('2026-03-10', justToday)).toEqual({ ok: false, error: 'today' });
    expect(reconcilableDate('2026-03-10', new Date(justToday.getTime() - 1))).toEqual({ ok: false, error: 'future' });
  });
});

test('all days that may be reconciled are those that each may', () => {
  const at = beijing('2026-03-10T10:05:00');
  const { from, to } = reconcilableSpan(at);
  expect([from, to]).toEqual(['2025-12-10', '2026-03-09']);
  const allows = (date: BillDate) => reconcilableDate(date, at).ok;
  expect([from, to, daysAfter(from, -1), daysAfter(to, 1)].map(allows)).toEqual([true, true, false, false]);
  expect(reconcilableSpan(new Date(at.getTime() - 1)).to).toBe('2026-03-08');
});

test('a day goes from midnight to midnight in Beijing', () => {
  const date = beijingDate(beijing('2026-02-28T23:59:59.999'));
  expect(date).toBe('2026-02-28');
  expect(startOf(date)).toEqual(beijing('2026-02-28T00:00:00'));
  expect(daysAfter(date, 1)).toBe('2026-03-01');
  expect(daysAfter(date, -28)).toBe('2026-01-31');
});

test('any day there is can be named', () => {
  expect(parseBillDate('2024-02-29').ok).toBe(true);
  expect(parseBillDate('2023-02-29').ok).toBe(false);
});
