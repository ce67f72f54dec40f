/** Failures in a row after which only the patient go on trying. */
const BREAK_AFTER = 3;
/** How long a broken gateway is left alone before one call probes it. */
const REST_MS = 5_000;

export type Breaker = {
  /** 0: go on (as the probe, when half open). Else wait so many milliseconds. */
  ask(): number;
  succeeded(): void;
  failed(): void;
  /** The call ended without saying anything about the gateway. */
  undecided(): void;
};

/** Closed, open after three failures in a row, half open (one call at a time) after a rest. */
export function createBreaker(nowMs: () => number): Breaker {
  let failures = 0;
  let restUntil = 0;
  let probing = false;

  return {
    ask: () => {
      if (failures < BREAK_AFTER) return 0;
      const wait = restUntil - nowMs();
      if (wait > 0) return wait;
      if (probing) return REST_MS;
      probing = true;
      return 0;
    },
    succeeded: () => {
      failures = 0;
      probing = false;
    },
    failed: () => {
      failures += 1;
      probing = false;
      if (failures >= BREAK_AFTER) restUntil = nowMs() + REST_MS;
    },
    undecided: () => {
      probing = false;
    },
  };
}
