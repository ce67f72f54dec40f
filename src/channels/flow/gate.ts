import type { CallOptions } from '../port.js';
import type { FailureLimit, TokenBucket } from './limits.js';
import { MAX_GATEWAY_WAIT_MS } from '../../base/outside-time.js';

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

type Shut = 'quiet' | 'breaker' | 'slots' | 'failures' | 'tokens';

export type Gate = {
  /**
   * Never waits. `durable` calls pass an open breaker: their retries are slow already, and their success closes it. `isAsked`: a
   * person or the shop waits for this call, which may try while quiet was asked for.
   */
  enter(patience: CallOptions['patience'], isAsked?: boolean): Entry;
  /** `run` is called whenever a slot frees. */
  onLeave(run: () => void): void;
  pauseFor(ms: number): void;
  /** How long the quiet that was asked for goes on; 0 when there is none. */
  quietMs(): number;
};

/** What stands before one API of one merchant: at most 8 calls at once, its limits, the quiet WeChat Pay asks for, and a breaker. */
export function createGate(bucket: TokenBucket, nowMs: () => number, failures?: FailureLimit): Gate {
  const breaker = createBreaker(nowMs);
  const quiet = createQuiet(nowMs);
  const listeners: (() => void)[] = [];
  let inside = 0;

  const shut = (why: Shut, retryAfterMs: number): Entry => ({ kind: 'shut', why, retryAfterMs });

  const pass = (): Pass => {
    let left = false;
    const leaveQuiet = quiet.entered();
    return {
      leave: (end) => {
        if (left) return;
        left = true;
        inside -= 1;
        failures?.left(end !== 'succeeded');
        leaveQuiet(end === 'succeeded' || end === 'refused');
        breaker[end === 'refused' ? 'succeeded' : end]();
        for (const listener of listeners) listener();
      },
    };
  };

  return {
    enter: (patience, isAsked = false) => {
      if (inside >= SLOTS) return shut('slots', SLOT_RETRY_MS);
      const quietMs = quiet.ask(isAsked);
      if (quietMs > 0) return shut('quiet', quietMs);
      const untilFailureMs = failures?.ask() ?? 0;
      if (untilFailureMs > 0) return shut('failures', untilFailureMs);
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
    pauseFor: (ms) => quiet.pauseFor(ms),
    quietMs: () => quiet.remainingMs(),
  };
}

/** Failures in a row after which only the patient go on trying. */
const BREAK_AFTER = 3;
/** How long a broken gateway is left alone before one call probes it. */
const REST_MS = 5_000;

type Breaker = {
  /** 0: go on (as the probe, when half open). Else wait so many milliseconds. */
  ask(): number;
  succeeded(): void;
  failed(): void;
  /** The call ended without saying anything about the gateway. */
  undecided(): void;
};

/** Closed, open after three failures in a row, half open (one call at a time) after a rest. */
function createBreaker(nowMs: () => number): Breaker {
  let failures = 0;
  let restUntil = 0;
  let probing = false;

  return {
    ask: () => {
      if (failures < BREAK_AFTER) return 0;
      const wait = restUntil - nowMs();
      if (wait > 0) return wait;
      if (probing) return REST_MS;
      probing = true;
      return 0;
    },
    succeeded: () => {
      failures = 0;
      probing = false;
    },
    failed: () => {
      failures += 1;
      probing = false;
      if (failures >= BREAK_AFTER) restUntil = nowMs() + REST_MS;
    },
    undecided: () => {
      probing = false;
    },
  };
}

/** While it is quiet, calls that may try go one at a time, and begin no closer together than this. */
const PROBE_EVERY_MS = 1_000;

export type Quiet = {
  /** 0: the call may go. Else the milliseconds after which it may ask again. */
  ask(isAsked: boolean): number;
  /** The call goes; what is returned is to be called when it ends. */
  entered(): (isWell: boolean) => void;
  /** The other side asked for it. */
  pauseFor(ms: number): void;
  remainingMs(): number;
};

/**
 * The quiet that the other side asked for. It keeps no call away for longer than a minute from the first answer that asked, however
 * often that is said again: then calls try, as do all along those that a person or the shop waits for. One that goes well ends it.
 */
export function createQuiet(nowMs: () => number): Quiet {
  let sinceMs = -Infinity;
  let untilMs = -Infinity;
  let timesAsked = 0;
  let isProbing = false;
  let probedAtMs = -Infinity;

  return {
    ask: (isAsked) => {
      const now = nowMs();
      if (now >= untilMs) return 0;
      const mayTryMs = isAsked ? now : sinceMs + MAX_GATEWAY_WAIT_MS;
      if (now < mayTryMs) return Math.min(untilMs, mayTryMs) - now;
      return isProbing ? PROBE_EVERY_MS : Math.max(0, probedAtMs + PROBE_EVERY_MS - now);
    },
    entered: () => {
      const askedBefore = timesAsked;
      const isProbe = nowMs() < untilMs;
      if (isProbe) [isProbing, probedAtMs] = [true, nowMs()];
      return (isWell) => {
        if (isProbe) isProbing = false;
        // A call that was under way when quiet was asked for proves nothing.
        if (isWell && askedBefore === timesAsked) [sinceMs, untilMs] = [-Infinity, -Infinity];
      };
    },
    pauseFor: (ms) => {
      const now = nowMs();
      if (now - untilMs >= MAX_GATEWAY_WAIT_MS) sinceMs = now;
      untilMs = Math.max(untilMs, now + ms);
      timesAsked += 1;
    },
    remainingMs: () => Math.max(0, untilMs - nowMs()),
  };
}
