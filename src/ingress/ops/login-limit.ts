/** Wrong keys only; nobody who has the right one at hand is held up by it. */
const PER_ADDRESS = { burst: 10, intervalMs: 6_000 };

/** All addresses together: what guessing may cost the database, far above what people mistype. */
const IN_TOTAL = { burst: 200, intervalMs: 50 };

const MANY = 10_000;

export type LoginLimit = {
  /** Seconds until this address may try again; 0 for now. */
  waitSeconds(address: string): number;
  failed(address: string): void;
};

/** Counts for this process only, and forgets what has been quiet. */
export function createLoginLimit(now: () => Date): LoginLimit {
  /** When all tries are free again: the only state a steady refill needs. */
  const fullAtMs = new Map<string, number>();
  let totalFullAtMs = 0;
  const waitMs = (fullAt: number, { burst, intervalMs }: typeof IN_TOTAL): number =>
    fullAt - now().getTime() - (burst - 1) * intervalMs;
  return {
    waitSeconds: (address) => {
      const wait = Math.max(waitMs(fullAtMs.get(address) ?? 0, PER_ADDRESS), waitMs(totalFullAtMs, IN_TOTAL));
      return Math.max(0, Math.ceil(wait / 1000));
    },
    failed: (address) => {
      const nowMs = now().getTime();
      if (fullAtMs.size >= MANY) for (const [old, ms] of fullAtMs) if (ms <= nowMs) fullAtMs.delete(old);
      fullAtMs.set(address, Math.max(fullAtMs.get(address) ?? 0, nowMs) + PER_ADDRESS.intervalMs);
      totalFullAtMs = Math.max(totalFullAtMs, nowMs) + IN_TOTAL.intervalMs;
    },
  };
}
