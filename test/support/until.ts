import { setTimeout as pause } from 'node:timers/promises';

/** Polls until `look` answers something; fails with what it was waiting for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 600_000,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > endMs) throw new Error(`never came: ${what}`);
    await pause(25);
  }
}
