import { ok, warning, type Finding } from '../finding.js';

const WARN_SECONDS = 5;

/** Positive: this machine is ahead. */
export function checkDatabaseClock(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const seen = `this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} Postgres`;
  if (seconds <= WARN_SECONDS) return ok(seen);
  return warning(seen, 'Set the clocks of both machines by NTP: deadlines are compared with times of either.');
}
