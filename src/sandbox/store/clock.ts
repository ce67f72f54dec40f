import { z } from 'zod';
import type { Store } from './store.js';

export interface Clock {
  /** The gateway's business time, ms since the epoch. */
  now(): number;
  /** Real time, ms since the epoch; signatures and their window use it. */
  realNow(): number;
  advance(seconds: number): void;
}

/** Business time is real time plus what `/sandbox/clock` added; the sum is kept. */
export function createClock(store: Store, realNow: () => number): Clock {
  const table = store.table('clock', z.object({ advancedMs: z.number() }));
  const advancedMs = () => table.get('clock')?.advancedMs ?? 0;
  return {
    realNow,
    now: () => realNow() + advancedMs(),
    advance: (seconds) => store.write(table.put('clock', { advancedMs: advancedMs() + Math.round(seconds * 1000) })),
  };
}

/** RFC 3339 in Beijing time without milliseconds, as WeChat Pay writes times. */
export function beijingTime(at: number): string {
  return `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}
