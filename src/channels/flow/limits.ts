import type { GatewayApi } from '../../orders/rules/gateway-answer.js';
import type { Credentials } from '../merchant.js';

/**
 * Calls per second where the configuration gives none. WeChat Pay publishes no figure for prepay, query and close: they have
 * those of the refund calls (150 to apply, 300 to query). 75 refunds keep to 5000 a minute, its limit for trades older than a month; of
 * fund-flow bills it gives 3, of charges 33.
 */
const DEFAULT_LIMITS: Readonly<Record<GatewayApi, number>> = {
  prepay: 150,
  charge: 33,
  reverse: 30,
  query: 300,
  close: 150,
  refund: 75,
  refundQuery: 150,
  abnormalRefund: 10,
  certificates: 10,
  bill: 3,
  billFile: 3,
};

/** Failing calls per second: WeChat Pay turns a merchant away who sends more than 6 refunds a second that fail. */
const FAILURE_LIMITS: Readonly<Partial<Record<GatewayApi, number>>> = { refund: 3 };

/** This process's share: WeChat Pay counts all workers of one mchid together. */
export function limitShare(credentials: Pick<Credentials, 'limits'>, api: GatewayApi, workers: number): number {
  return shareOf(credentials.limits[api] ?? DEFAULT_LIMITS[api], workers);
}

/** `undefined`: failures have no limit of their own. */
export function failureLimitShare(api: GatewayApi, workers: number): number | undefined {
  const limit = FAILURE_LIMITS[api];
  return limit === undefined ? undefined : shareOf(limit, workers);
}

const shareOf = (limit: number, workers: number): number => limit / Math.max(1, workers);

export type TokenBucket = ReturnType<typeof createTokenBucket>;

/** Refill and burst together let at most `perSecond` calls (and at least one) into any second, wherever the other side's begins. */
export function createTokenBucket(perSecond: number, nowMs: () => number) {
  const perMs = (perSecond * 0.9) / 1_000;
  const burst = Math.max(1, perSecond * 0.1);
  let tokens = burst;
  let at = nowMs();

  return {
    /** 0: a token was taken. Else the milliseconds to the next one. `keepsHalf`: half of a burst is left to others. */
    take: (keepsHalf = false): number => {
      const now = nowMs();
      tokens = Math.min(burst, tokens + Math.max(0, now - at) * perMs);
      at = now;
      const needed = keepsHalf ? 1 + Math.floor(burst / 2) : 1;
      if (tokens < needed) return Math.max(1, Math.ceil((needed - tokens) / perMs));
      tokens -= 1;
      return 0;
    },
  };
}

export type FailureLimit = ReturnType<typeof createFailureLimit>;

const UNDER_WAY_RETRY_MS = 1_000;

/**
 * No second, wherever it begins, sees more than `perSecond` failures: a call under way counts as one until it has succeeded, a
 * failure until it is a second old. A broken share is the whole number below it (at least one) in a second as much shorter or longer.
 */
export function createFailureLimit(perSecond: number, nowMs: () => number) {
  const most = Math.max(1, Math.floor(perSecond));
  const windowMs = Math.ceil((most / perSecond) * 1_000);
  let underWay = 0;
  let failedAtMs: number[] = [];

  return {
    /** 0: a call may go. Else the milliseconds after which, or when a call has left, to ask again. */
    ask: (): number => {
      const now = nowMs();
      failedAtMs = failedAtMs.filter((at) => now - at < windowMs);
      if (underWay + failedAtMs.length < most) return 0;
      const [oldest] = failedAtMs;
      return oldest === undefined ? UNDER_WAY_RETRY_MS : Math.ceil(oldest + windowMs - now);
    },
    entered: (): void => {
      underWay += 1;
    },
    left: (failed: boolean): void => {
      underWay -= 1;
      if (failed) failedAtMs.push(nowMs());
    },
  };
}
