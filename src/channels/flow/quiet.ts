import { MAX_GATEWAY_WAIT_MS } from '../../base/outside-time.js';

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
