/** The longest that a `Retry-After` of WeChat Pay's holds back calls. */
export const MAX_GATEWAY_WAIT_MS = 60_000;

/** A shop may ask for a day of quiet. */
export const MAX_WEBHOOK_WAIT_MS = 86_400_000;

/** `Retry-After` (RFC 9110, 10.2.3) in milliseconds from `now`, at most `capMs`; `null` for none, nonsense and a past date. */
export function parseRetryAfter(header: string | undefined, now: Date, capMs: number): number | null {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now.getTime();
  return waitMs >= 0 ? Math.min(waitMs, capMs) : null;
}

/** Date.parse alone takes any number for a year, and a date without a zone for a local one. */
function httpDate(text: string): number {
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/.test(text)) return NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}
