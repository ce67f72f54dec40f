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
