import type { CallOptions } from '../port.js';
import { createBreaker } from './breaker.js';
import type { FailureLimit } from './failure-limit.js';
import type { TokenBucket } from './token-bucket.js';

/** Calls of one merchant and API under way at once. A gateway that hangs holds no more than these. */
const SLOTS = 8;
/** When every slot is taken nobody knows when one frees; a caller told to come back later is told this. */
const SLOT_RETRY_MS = 1_000;

/** `refused`: the gateway is well and said no. `failed`: it is in trouble itself. `undecided`: the call says nothing about it. */
export type CallEnd = 'succeeded' | 'refused' | 'failed' | 'undecided';

export type Pass = { leave(end: CallEnd): void };

export type Entry =
  | { readonly kind: 'entered'; readonly pass: Pass }
  | { readonly kind: 'shut'; readonly why: Shut; readonly retryAfterMs: number };

type Shut = 'breaker' | 'slots' | 'failures' | 'tokens';

export type Gate = {
  /** Never waits. `durable` calls pass an open breaker: their retries are slow already, and their success closes it. */
  enter(patience: CallOptions['patience']): Entry;
  /** `run` is called whenever a slot frees. */
  onLeave(run: () => void): void;
  pauseFor(ms: number): void;
};

/** What stands before one API of one merchant: at most 8 calls at once, its limits, and a breaker. */
export function createGate(bucket: TokenBucket, nowMs: () => number, failures?: FailureLimit): Gate {
  const breaker = createBreaker(nowMs);
  const listeners: (() => void)[] = [];
  let inside = 0;

  const shut = (why: Shut, retryAfterMs: number): Entry => ({ kind: 'shut', why, retryAfterMs });

  const pass = (): Pass => {
    let left = false;
    return {
      leave: (end) => {
        if (left) return;
        left = true;
        inside -= 1;
        failures?.left(end !== 'succeeded');
        breaker[end === 'refused' ? 'succeeded' : end]();
        for (const listener of listeners) listener();
      },
    };
  };

  return {
    enter: (patience) => {
      if (inside >= SLOTS) return shut('slots', SLOT_RETRY_MS);
      const quiet = failures?.ask() ?? 0;
      if (quiet > 0) return shut('failures', quiet);
      const resting = patience === 'brief' ? breaker.ask() : 0;
      if (resting > 0) return shut('breaker', resting);
      const wait = bucket.take();
      if (wait > 0) {
        if (patience === 'brief') breaker.undecided();
        return shut('tokens', wait);
      }
      inside += 1;
      failures?.entered();
      return { kind: 'entered', pass: pass() };
    },
    onLeave: (run) => {
      listeners.push(run);
    },
    pauseFor: (ms) => bucket.pauseFor(ms),
  };
}
