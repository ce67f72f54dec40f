import { expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/events/retry-after.js';

const now = new Date('2026-01-05T08:00:00Z');
const DAY_MS = 86_400_000;

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['86401', DAY_MS],
  ['9'.repeat(400), DAY_MS],
  ['Mon, 05 Jan 2026 08:01:30 GMT', 90_000],
  ['Monday, 05-Jan-26 08:01:30 GMT', 90_000],
  ['Mon Jan  5 08:01:30 2026 GMT', 90_000],
  ['Mon, 05 Jan 2026 07:00:00 GMT', 0],
  ['Fri, 05 Jan 2126 08:00:00 GMT', DAY_MS],
])('%j asks for %i ms', (header, waitMs) => {
  expect(parseRetryAfter(header, now)).toBe(waitMs);
});

test.each([undefined, '', '-5', '1.5', 'soon', '5 seconds', '2026-01-05T09:00:00Z', 'Monday'])(
  '%j asks for nothing',
  (header) => {
    expect(parseRetryAfter(header, now)).toBeNull();
  },
);
