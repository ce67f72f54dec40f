import { setTimeout as pause } from 'node:timers/promises';

/** Each pause is a fifth longer than the one before, up to the longest: looking costs the machine that is looked at. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 500;

/** Polls until `look` answers something; fails with what it was waiting for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 600_000,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.2)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`never came: ${what}`);
    await pause(pauseMs);
  }
}
