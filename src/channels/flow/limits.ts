import type { GatewayApi } from '../../orders/rules/gateway-answer.js';
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

export type TokenBucket = {
  /** 0: a token was taken. Else none was, and the next one is that many milliseconds away. */
  take(): number;
};

/**
 * A share of a limit counted per second by someone else. Refill and burst together never let more than `perSecond` calls
 * (and at least one) into any second, wherever the other side's second begins.
 */
export function createTokenBucket(perSecond: number, nowMs: () => number): TokenBucket {
  const perMs = (perSecond * 0.9) / 1_000;
  const burst = Math.max(1, perSecond * 0.1);
  let tokens = burst;
  let at = nowMs();

  const refill = (now: number): void => {
    tokens = Math.min(burst, tokens + Math.max(0, now - at) * perMs);
    at = now;
  };

  return {
    take: () => {
      const now = nowMs();
      refill(now);
      if (tokens < 1) return Math.max(1, Math.ceil((1 - tokens) / perMs));
      tokens -= 1;
      return 0;
    },
  };
}

export type FailureLimit = {
  /** 0: a call may go. Else it may not, and asking again makes sense after that many milliseconds, or when a call has left. */
  ask(): number;
  entered(): void;
  /** `failed`: the other side counts it against this limit. */
  left(failed: boolean): void;
};

/** When every call that may fail is still under way nobody knows when one ends. */
const UNDER_WAY_RETRY_MS = 1_000;

/**
 * Where failures have a limit of their own, which nobody can know beforehand: a call under way counts as a failure until it
 * has succeeded, and a failure counts until it is a second old. So no second, wherever it begins, sees more than `perSecond`
 * failures. A share that is no whole number is the whole number below it (at least one) in a second as much shorter or longer.
 */
export function createFailureLimit(perSecond: number, nowMs: () => number): FailureLimit {
  const most = Math.max(1, Math.floor(perSecond));
  const windowMs = Math.ceil((most / perSecond) * 1_000);
  let underWay = 0;
  let failedAtMs: number[] = [];

  return {
    ask: () => {
      const now = nowMs();
      failedAtMs = failedAtMs.filter((at) => now - at < windowMs);
      if (underWay + failedAtMs.length < most) return 0;
      const [oldest] = failedAtMs;
      return oldest === undefined ? UNDER_WAY_RETRY_MS : Math.ceil(oldest + windowMs - now);
    },
    entered: () => {
      underWay += 1;
    },
    left: (failed) => {
      underWay -= 1;
      if (failed) failedAtMs.push(nowMs());
    },
  };
}
