export type Rate = { readonly burst: number; readonly intervalMs: number };

export type KeyedRate = ReturnType<typeof createKeyedRate>;

/** Above so many keys the quiet ones are forgotten. */
const MANY = 10_000;

/** A rate for each key, counted for this process only. */
export function createKeyedRate({ burst, intervalMs }: Rate, now: () => Date) {
  /** When all of a key's burst is free again. */
  const fullAtMs = new Map<string, number>();
  return {
    /** Milliseconds until this key has one free; 0: it has. */
    waitMs: (key: string): number => Math.max(0, (fullAtMs.get(key) ?? 0) - now().getTime() - (burst - 1) * intervalMs),
    count: (key: string): void => {
      const nowMs = now().getTime();
      if (fullAtMs.size >= MANY) for (const [old, ms] of fullAtMs) if (ms <= nowMs) fullAtMs.delete(old);
      fullAtMs.set(key, Math.max(fullAtMs.get(key) ?? 0, nowMs) + intervalMs);
    },
  };
}

export const wholeSeconds = (ms: number): number => Math.ceil(ms / 1_000);

/** At most so many at once of each key: the function gives back another to leave by, or `undefined` when all seats are taken. */
export function createSeats(most: number): (key: string) => (() => void) | undefined {
  const taken = new Map<string, number>();
  return (key) => {
    const count = (taken.get(key) ?? 0) + 1;
    if (count > most) return undefined;
    taken.set(key, count);
    return () => {
      const left = (taken.get(key) ?? 1) - 1;
      if (left === 0) taken.delete(key);
      else taken.set(key, left);
    };
  };
}
