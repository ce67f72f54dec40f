/** A payer may press three times at once, then every five seconds: the order's own rhythm of queries. */
const BURST = 3;
const INTERVAL_MS = 5_000;
const MANY = 10_000;

/** Seconds to wait before the next press for this order, 0 when it may be asked now. Counts for this process only. */
export type SyncLimit = (order: string) => number;

export function createSyncLimit(now: () => Date): SyncLimit {
  /** When the order's whole burst is free again; the only state a steady refill needs. */
  const fullAtMs = new Map<string, number>();
  return (order) => {
    const nowMs = now().getTime();
    if (fullAtMs.size >= MANY) for (const [old, ms] of fullAtMs) if (ms <= nowMs) fullAtMs.delete(old);
    const nextFullAtMs = Math.max(fullAtMs.get(order) ?? 0, nowMs) + INTERVAL_MS;
    const overMs = nextFullAtMs - nowMs - BURST * INTERVAL_MS;
    if (overMs > 0) return Math.ceil(overMs / 1000);
    fullAtMs.set(order, nextFullAtMs);
    return 0;
  };
}
