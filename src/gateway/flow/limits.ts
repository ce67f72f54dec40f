import type { GatewayApi } from '../../domain/gateway-answer.js';
import type { Merchant } from '../merchant.js';

/**
 * Calls per second for a merchant whose configuration gives none. WeChat Pay publishes no figure for prepay, query and close;
 * these are the ones it gives for the refund calls beside them (150 to apply, 300 to query). Certificates change twice a decade.
 */
const DEFAULT_LIMITS: Readonly<Record<GatewayApi, number>> = { prepay: 150, query: 300, close: 150, certificates: 10 };

/** This process's share: WeChat Pay counts all workers of a merchant together. */
export function limitShare(merchant: Pick<Merchant, 'limits'>, api: GatewayApi, workers: number): number {
  return (merchant.limits[api] ?? DEFAULT_LIMITS[api]) / Math.max(1, workers);
}
