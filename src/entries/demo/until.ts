import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;
/** Longer than a slow machine needs: only a hang comes so far. */
const PATIENCE_MS = 900_000;

/** Repeats `look` until it answers a value. Throws an error with `what` in it when that takes too long. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}
