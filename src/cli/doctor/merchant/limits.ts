import { GATEWAY_APIS } from '../../../domain/gateway-answer.js';
import { ok, warning, type Finding } from '../finding.js';
import type { Place } from './entry.js';

/** Calls a second that WeChat Pay publishes; for the others it names none. */
const PUBLISHED: Readonly<Record<string, number>> = { refund: 150, refundQuery: 300, certificates: 1_000 };
/** Below it a worker makes one call of this kind in ten seconds, and orders wait for each other. */
const SLOW = 0.1;

export function checkLimits({ entry }: Place, workers: number): Finding {
  const given = GATEWAY_APIS.flatMap((api) => {
    const limit = entry.limits[api];
    return typeof limit === 'number' ? [{ api, limit }] : [];
  });
  const above = given.filter(({ api, limit }) => limit > (PUBLISHED[api] ?? Infinity));
  if (above.length > 0) {
    return warning(
      `more calls a second than WeChat Pay allows: ${above.map(({ api }) => api).join(', ')}`,
      `Lower ${above.map(({ api }) => `limits.${api} to ${PUBLISHED[api]}`).join(', ')}.`,
    );
  }
  const slow = given.filter(({ limit }) => limit / workers < SLOW);
  if (slow.length > 0) {
    return warning(
      `less than a call in ten seconds for each worker: ${slow.map(({ api }) => api).join(', ')}`,
      'Limits are calls a second of all workers together: raise them, or lower PAYSAGA_WORKERS.',
    );
  }
  return ok(given.length === 0 ? 'the defaults' : given.map(({ api, limit }) => `${api} ${limit}/s`).join(', '));
}
