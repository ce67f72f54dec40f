export interface Schedule {
  /** Runs `id` at business time `dueAt`, concurrently with others. */
  add(id: string, dueAt: number): void;
  /** The clock moved: what is due by now runs one after the other, earliest first, also what those runs add. */
  catchUp(): void;
  stop(): void;
}

interface Waiting {
  dueAt: number;
  timer: NodeJS.Timeout | undefined;
}

/** The longest delay a timer takes. */
const maxTimerMs = 2 ** 31 - 1;

/** `now` is business time in ms; `run` must not reject. */
export function createSchedule(now: () => number, run: (id: string) => Promise<void>): Schedule {
  const waiting = new Map<string, Waiting>();
  let catchingUpTo: number | undefined;
  let stopped = false;

  const add = (id: string, dueAt: number) => {
    if (stopped) return;
    const inCatchUp = catchingUpTo !== undefined && dueAt <= catchingUpTo;
    const waitMs = Math.min(maxTimerMs, Math.max(0, dueAt - now()));
    waiting.set(id, { dueAt, timer: inCatchUp ? undefined : setTimeout(() => wake(id), waitMs) });
  };
  const wake = (id: string) => {
    const { dueAt = 0 } = waiting.get(id) ?? {};
    if (dueAt > now()) {
      add(id, dueAt);
      return;
    }
    waiting.delete(id);
    void run(id);
  };
  const drain = async () => {
    for (;;) {
      const id = catchingUpTo === undefined || stopped ? undefined : earliest(waiting, catchingUpTo);
      if (id === undefined) break;
      clearTimeout(waiting.get(id)?.timer);
      waiting.delete(id);
      await run(id);
    }
    catchingUpTo = undefined;
  };
  return {
    add,
    catchUp() {
      const draining = catchingUpTo !== undefined;
      catchingUpTo = now();
      for (const [id, { dueAt, timer }] of [...waiting]) {
        clearTimeout(timer);
        add(id, dueAt);
      }
      if (!draining) void drain();
    },
    stop() {
      stopped = true;
      for (const { timer } of waiting.values()) clearTimeout(timer);
    },
  };
}

/** Of equal ones the first added. */
function earliest(waiting: ReadonlyMap<string, Waiting>, until: number): string | undefined {
  let found: string | undefined;
  let foundDueAt = Infinity;
  for (const [id, { dueAt }] of waiting) {
    if (dueAt <= until && dueAt < foundDueAt) [found, foundDueAt] = [id, dueAt];
  }
  return found;
}
