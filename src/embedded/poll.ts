import { setTimeout as delay } from 'node:timers/promises';

/** Repeats `check` until it resolves. Once `signal` has aborted, throws what `check` threw last. */
export async function poll<T>(check: () => Promise<T>, signal: AbortSignal, everyMs = 100): Promise<T> {
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (signal.aborted) throw error;
      await pause(everyMs, signal);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // Aborted: one last check follows.
  }
}
