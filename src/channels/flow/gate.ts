import type { CallOptions } from '../port.js';
import type { FailureLimit, TokenBucket } from './limits.js';
import { MAX_GATEWAY_WAIT_MS } from '../../base/outside-time.js';

/** Calls of one merchant and API under way at once: a gateway that hangs holds no more. */
const SLOTS = 8;
const SLOT_RETRY_MS = 1_000;

/** Of the slots those that polls may hold, so that a call that something waits for finds one; a failing gateway is polled by one. */
const POLL_SLOTS = 4;
const POLL_SLOTS_FAILING = 1;

/** `refused`: the gateway is well and said no. `failed`: the gateway is in trouble. `undecided`: the call says nothing about it. */
export type CallEnd = 'succeeded' | 'refused' | 'failed' | 'undecided';

export type Pass = { leave(end: CallEnd): void };

export type Entry =
  | { readonly kind: 'entered'; readonly pass: Pass }
  | { readonly kind: 'shut'; readonly why: Shut; readonly retryAfterMs: number };

/** What a call is made for. */
export type Rank = Pick<CallOptions, 'isAsked' | 'isPoll'>;

export type Shut = 'quiet' | 'breaker' | 'slots' | 'failures' | 'tokens';

export type Gate = ReturnType<typeof createGate>;

/** What stands before one API of one merchant: at most 8 calls at once, its limits, the quiet WeChat Pay asks for, and a breaker. */
export function createGate(bucket: TokenBucket, nowMs: () => number, failures?: FailureLimit) {
  const breaker = createBreaker(nowMs);
  const quiet = createQuiet(nowMs);
  const listeners: (() => void)[] = [];
  let inside = 0;
  let pollsInside = 0;

  const shut = (why: Shut, retryAfterMs: number): Entry => ({ kind: 'shut', why, retryAfterMs });

  const isFull = (isPoll: boolean): boolean =>
    inside >= SLOTS || (isPoll && pollsInside >= (breaker.isOpen() ? POLL_SLOTS_FAILING : POLL_SLOTS));

  const pass = (isPoll: boolean): Pass => {
    let left = false;
    const leaveQuiet = quiet.entered();
    return {
      leave: (end) => {
        if (left) return;
        left = true;
        inside -= 1;
        if (isPoll) pollsInside -= 1;
        failures?.left(end !== 'succeeded');
        leaveQuiet(end === 'succeeded' || end === 'refused');
        breaker[end === 'refused' ? 'succeeded' : end]();
        for (const listener of listeners) listener();
      },
    };
  };

  return {
    /**
     * Never waits. `durable` calls pass an open breaker: their retries are slow already, and their success closes it. `isAsked`
     * calls may try while quiet was asked for; polls leave slots and tokens to the others.
     */
    enter: (patience: CallOptions['patience'], { isAsked = false, isPoll = false }: Rank = {}): Entry => {
      if (isFull(isPoll)) return shut('slots', SLOT_RETRY_MS);
      const quietMs = quiet.ask(isAsked);
      if (quietMs > 0) return shut('quiet', quietMs);
      const untilFailureMs = failures?.ask() ?? 0;
      if (untilFailureMs > 0) return shut('failures', untilFailureMs);
      const resting = patience === 'brief' ? breaker.ask() : 0;
      if (resting > 0) return shut('breaker', resting);
      const wait = bucket.take(isPoll);
      if (wait > 0) {
        if (patience === 'brief') breaker.undecided();
        return shut('tokens', wait);
      }
      inside += 1;
      if (isPoll) pollsInside += 1;
      failures?.entered();
      return { kind: 'entered', pass: pass(isPoll) };
    },
    /** Its last calls failed, three at least. */
    isFailing: breaker.isOpen,
    onLeave: (run: () => void): void => void listeners.push(run),
    pauseFor: quiet.pauseFor,
    quietMs: quiet.remainingMs,
  };
}

const BREAK_AFTER = 3;
const REST_MS = 5_000;

/** Closed, open after three failures in a row, half open (one call at a time) after a rest. */
function createBreaker(nowMs: () => number) {
  let failures = 0;
  let restUntil = 0;
  let probing = false;

  const isOpen = (): boolean => failures >= BREAK_AFTER;

  return {
    isOpen,
    /** 0: go on (as the probe, when half open). Else the milliseconds to wait. */
    ask: (): number => {
      if (!isOpen()) return 0;
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
      if (isOpen()) restUntil = nowMs() + REST_MS;
    },
    undecided: () => {
      probing = false;
    },
  };
}

/** During quiet, calls that may try go one at a time, and begin no closer together. */
const PROBE_EVERY_MS = 1_000;

export type Quiet = ReturnType<typeof createQuiet>;

/**
 * The quiet that the other side asked for. No call is kept away for longer than a minute from the first answer that asked: then
 * calls try, as those that a person or the shop waits for do all along. A call that goes well ends the quiet.
 */
export function createQuiet(nowMs: () => number) {
  let sinceMs = -Infinity;
  let untilMs = -Infinity;
  let timesAsked = 0;
  let isProbing = false;
  let probedAtMs = -Infinity;

  return {
    /** 0: the call may go. Else the milliseconds after which it may ask again. */
    ask: (isAsked: boolean): number => {
      const now = nowMs();
      if (now >= untilMs) return 0;
      const mayTryMs = isAsked ? now : sinceMs + MAX_GATEWAY_WAIT_MS;
      if (now < mayTryMs) return Math.min(untilMs, mayTryMs) - now;
      return isProbing ? PROBE_EVERY_MS : Math.max(0, probedAtMs + PROBE_EVERY_MS - now);
    },
    /** The call goes; call the result when it ends. */
    entered: () => {
      const askedBefore = timesAsked;
      const isProbe = nowMs() < untilMs;
      if (isProbe) [isProbing, probedAtMs] = [true, nowMs()];
      return (isWell: boolean): void => {
        if (isProbe) isProbing = false;
        // A call that was under way when quiet was asked for proves nothing.
        if (isWell && askedBefore === timesAsked) [sinceMs, untilMs] = [-Infinity, -Infinity];
      };
    },
    pauseFor: (ms: number): void => {
      const now = nowMs();
      if (now - untilMs >= MAX_GATEWAY_WAIT_MS) sinceMs = now;
      untilMs = Math.max(untilMs, now + ms);
      timesAsked += 1;
    },
    remainingMs: (): number => Math.max(0, untilMs - nowMs()),
  };
}
