const DAY_MS = 86_400_000;

/**
 * `Retry-After` (RFC 9110, 10.2.3: seconds or an HTTP date) in milliseconds from `now`, 0 to 24 hours; `null` when there is
 * none or it is neither.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now.getTime();
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), DAY_MS);
}

/** Date.parse alone takes any number for a year. */
const httpDate = (text: string): number => (/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : NaN);
