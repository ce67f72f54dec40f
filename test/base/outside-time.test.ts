import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/base/outside-time.js';

const now = new Date('2026-01-05T08:00:00Z');
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['86401', DAY_MS],
  ['9'.repeat(400), DAY_MS],
  ['Mon, 05 Jan 2026 08:01:30 GMT', 90_000],
  ['Monday, 05-Jan-26 08:01:30 GMT', 90_000],
  ['Mon Jan  5 08:01:30 2026 GMT', 90_000],
  ['Mon, 05 Jan 2026 08:00:00 GMT', 0],
  ['Mon Jan  5 08:01:30 2026', 90_000],
  ['Fri, 05 Jan 2126 08:00:00 GMT', DAY_MS],
])('%j asks for %i ms', (header, waitMs) => {
  expect(parseRetryAfter(header, now, DAY_MS)).toBe(waitMs);
});

test.each(['61', '999999', '9'.repeat(400), 'Fri, 05 Jan 2126 08:00:00 GMT', 'Mon, 05 Jan 2026 08:01:01 GMT'])(
  '%j is no reason to wait longer than the caller allows',
  (header) => {
    expect(parseRetryAfter(header, now, MINUTE_MS)).toBe(MINUTE_MS);
  },
);

test.each([
  ...[undefined, '', '-5', '-1', '1.5', '1e3', '0x10', 'soon', '5 seconds', 'NaN', 'Infinity', '١٢'],
  ...['2026-01-05T09:00:00Z', 'Monday', 'Mon, 05 Jan 2026 07:59:59 GMT', 'Mon, 45 Foo 2026 08:00:00 GMT', 'Mon, 99999'],
])('%j asks for nothing', (header) => {
  expect(parseRetryAfter(header, now, DAY_MS)).toBeNull();
});
