export type SnapshotOptions = {
  readonly now: () => Date;
  /** How long one reading serves, good or bad: many scrapers ask no more often than one. */
  readonly keepMs: number;
  readonly timeoutMs: number;
};

/** What was read last, or `undefined` where it could not be read in time. Readers at the same moment share one reading. */
export function createSnapshot<T>(
  read: () => Promise<T>,
  { now, keepMs, timeoutMs }: SnapshotOptions,
): () => Promise<T | undefined> {
  let kept: { readonly untilMs: number; readonly value: Promise<T | undefined> } | undefined;
  return () => {
    const nowMs = now().getTime();
    if (kept === undefined || nowMs >= kept.untilMs) {
      kept = { untilMs: nowMs + keepMs, value: inTime(read, timeoutMs) };
    }
    return kept.value;
  };
}

async function inTime<T>(read: () => Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([read().catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
