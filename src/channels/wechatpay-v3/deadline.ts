import type { CallOptions } from '../port.js';

/**
 * From the call's start to its last byte: waiting for a key and for a slot included. A brief call has to leave its caller, who
 * has 2 s, the time to write the outcome down.
 */
const DEADLINE_MS: Readonly<Record<CallOptions['patience'], number>> = { brief: 1_800, durable: 10_000 };

/** A call's options with its own deadline in the signal. */
export type Bounded = CallOptions & { readonly signal: AbortSignal };

export function bounded(options: CallOptions): Bounded {
  const deadline = AbortSignal.timeout(DEADLINE_MS[options.patience]);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  return { ...options, signal };
}

/** True when the caller gave up, not the deadline: that says nothing about the gateway. */
export function gaveUp(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError');
}
