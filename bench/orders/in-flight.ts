import { inParallel } from '../../src/cli/kit/progress.js';

/** As many orders are under way at once, in what is measured and in its floors. */
export const IN_FLIGHT = 30;

/** Does `work` `count` times, {@link IN_FLIGHT} at once: as soon as one is over, the next begins. */
export const inFlight = (count: number, work: (index: number) => Promise<void>): Promise<unknown> =>
  inParallel([...Array(count).keys()], work, IN_FLIGHT);

/** Answers to come, by name: whoever waits and whoever answers may be first. */
export function createExpected() {
  const waiting = new Map<string, () => void>();
  const here = new Set<string>();
  return {
    has(name: string): void {
      const resolve = waiting.get(name);
      if (resolve === undefined) here.add(name);
      else resolve();
      waiting.delete(name);
    },
    /** Rejects after a minute. */
    wait(name: string): Promise<void> {
      if (here.delete(name)) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${name} did not come`)), LATE_MS);
        waiting.set(name, () => {
          clearTimeout(late);
          resolve();
        });
      });
    },
  };
}

const LATE_MS = 60_000;
