import type { GatewayApi } from '../../domain/gateway-answer.js';
import type { Credentials } from '../merchant.js';

/**
 * Calls per second for a merchant whose configuration gives none. WeChat Pay publishes no figure for prepay, query and close;
 * these are the ones it gives for the refund calls beside them (150 to apply, 300 to query). Refunds stay below 5000 a minute
 * too, its limit for trades older than a month. Certificates change twice a decade.
 */
const DEFAULT_LIMITS: Readonly<Record<GatewayApi, number>> = {
  prepay: 150,
  query: 300,
  close: 150,
  refund: 75,
  refundQuery: 150,
  abnormalRefund: 10,
  certificates: 10,
};

/** Failing calls per second. WeChat Pay turns a merchant away who sends more than 6 refunds a second that fail. */
const FAILURE_LIMITS: Readonly<Partial<Record<GatewayApi, number>>> = { refund: 3 };

/** This process's share: WeChat Pay counts all workers of one mchid together. */
export function limitShare(credentials: Pick<Credentials, 'limits'>, api: GatewayApi, workers: number): number {
  return shareOf(credentials.limits[api] ?? DEFAULT_LIMITS[api], workers);
}

/** `undefined`: failures of this call count like any other call. */
export function failureLimitShare(api: GatewayApi, workers: number): number | undefined {
  const limit = FAILURE_LIMITS[api];
  return limit === undefined ? undefined : shareOf(limit, workers);
}

const shareOf = (limit: number, workers: number): number => limit / Math.max(1, workers);
