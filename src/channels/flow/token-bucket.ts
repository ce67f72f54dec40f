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
