const LOOK_EVERY_MS = 500;
/** Only what hangs meets it: a slow machine is slow, not wrong. */
const PATIENCE_MS = 900_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks again until there is something to see. Throws what was awaited. */
export async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
