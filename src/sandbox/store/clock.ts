import { z } from 'zod';
import type { Store } from './store.js';

export type Clock = ReturnType<typeof createClock>;

/**
 * Both times are ms since the epoch. Business time is real time plus the sum of the `/sandbox/clock` advances, which begins
 * with minus `offsetSeconds` when the world does.
 */
export function createClock(store: Store, realNow: () => number, offsetSeconds = 0) {
  const table = store.table('clock', z.object({ advancedMs: z.number() }));
  if (!table.get('clock')) store.write(table.put('clock', { advancedMs: -Math.abs(Math.round(offsetSeconds * 1000)) }));
  const advancedMs = () => table.get('clock')?.advancedMs ?? 0;
  return {
    /** For signatures and their window. */
    realNow,
    now: () => realNow() + advancedMs(),
    advance: (seconds: number) =>
      store.write(table.put('clock', { advancedMs: advancedMs() + Math.round(seconds * 1000) })),
  };
}

/** RFC 3339 in Beijing time without milliseconds, as WeChat Pay writes times. */
export function beijingTime(at: number): string {
  return `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}

/** `yyyyMMddHHmmss`, Beijing time, as API v2 and the gateway's own numbers have it. */
export const compactTime = (at: number): string => beijingTime(at).slice(0, 19).replace(/\D/g, '');

/** `yyyy-MM-dd HH:mm:ss`, Beijing time, as bills and API v2's refunds have it. */
export const spacedTime = (at: number): string => beijingTime(at).slice(0, 19).replace('T', ' ');

/** Node's longest delay of a timer. */
const maxTimerMs = 2 ** 31 - 1;

/** Work by business time (`now`, in ms) until `stopped`; `run` must not reject. */
export function createSchedule(now: () => number, run: (id: string) => Promise<void> | void, stopped: AbortSignal) {
  const waiting = new Map<string, { dueAt: number; timer: NodeJS.Timeout | undefined }>();
  let catchingUpTo: number | undefined;
  stopped.addEventListener('abort', () => {
    for (const { timer } of waiting.values()) clearTimeout(timer);
  });

  const add = (id: string, dueAt: number) => {
    if (stopped.aborted) return;
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
      const id = catchingUpTo === undefined || stopped.aborted ? undefined : earliest(waiting, catchingUpTo);
      if (id === undefined) break;
      clearTimeout(waiting.get(id)?.timer);
      waiting.delete(id);
      await run(id);
    }
    catchingUpTo = undefined;
  };
  return {
    /** Runs `id` at business time `dueAt`, concurrently with others. */
    add,
    /** After an advance: everything due by now runs one after the other, earliest first, with what those runs add. */
    catchUp: (): void => {
      const draining = catchingUpTo !== undefined;
      catchingUpTo = now();
      for (const [id, { dueAt, timer }] of [...waiting]) {
        clearTimeout(timer);
        add(id, dueAt);
      }
      if (!draining) void drain();
    },
  };
}

/** The first added of those that are due earliest. */
function earliest(waiting: ReadonlyMap<string, { dueAt: number }>, until: number): string | undefined {
  let found: string | undefined;
  let foundDueAt = Infinity;
  for (const [id, { dueAt }] of waiting) {
    if (dueAt <= until && dueAt < foundDueAt) [found, foundDueAt] = [id, dueAt];
  }
  return found;
}
