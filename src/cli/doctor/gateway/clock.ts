import { failed, ok, skipped, warning, type Finding } from '../finding.js';

const WARN_SECONDS = 30;
/** WeChat Pay refuses what is signed more than 300 s off, and so does PaySaga. */
const FAIL_SECONDS = 240;

const CURE = "Set this machine's clock by NTP: beyond 300 s WeChat Pay refuses every call, and PaySaga every notify.";

export function checkClock(skewMs: number | undefined): Finding {
  if (skewMs === undefined) return skipped('the gateway does not say what time it is');
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const seen = `this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the gateway`;
  if (seconds > FAIL_SECONDS) return failed(seen, CURE);
  if (seconds > WARN_SECONDS) return warning(seen, CURE);
  return ok(seen);
}
