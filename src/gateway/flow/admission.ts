import { GatewayError, type CallOptions } from '../port.js';
import type { Gate, Pass } from './gate.js';

/** A durable call waits at most so long, so that one which is sent has the other half of its 10 s for the answer. */
const MAX_WAIT_MS = 5_000;

export type Admission = {
  /**
   * `brief`: at once, or `gate_shut`. `durable`: waits its turn, first come first served; `rate_limited` when it did not come.
   * The pass must be left, whatever happens.
   */
  enter(patience: CallOptions['patience'], signal: AbortSignal): Promise<Pass>;
  pauseFor(ms: number): void;
};

type Waiter = { readonly admit: (pass: Pass) => void; readonly refuse: (retryAfterMs: number) => void };

export function createAdmission(gate: Gate): Admission {
  const queue: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;
  let retryAfterMs = 0;

  const pump = (): void => {
    clearTimeout(timer);
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const entry = gate.enter('durable');
      if (entry.kind === 'shut') {
        retryAfterMs = entry.retryAfterMs;
        // Nobody waits here longer, and a longer timer might overflow.
        timer = setTimeout(pump, Math.min(entry.retryAfterMs, MAX_WAIT_MS)).unref();
        return;
      }
      queue.shift();
      first.admit(entry.pass);
    }
  };
  gate.onLeave(pump);

  const wait = (signal: AbortSignal): Promise<Pass> =>
    new Promise((resolve, reject) => {
      const settle = (run: () => void): void => {
        clearTimeout(giveUp);
        signal.removeEventListener('abort', onAbort);
        run();
      };
      const waiter: Waiter = {
        admit: (pass) => settle(() => resolve(pass)),
        refuse: (ms) => settle(() => reject(new GatewayError('rate_limited', { retryAfterMs: ms }))),
      };
      const onAbort = (): void => {
        queue.splice(queue.indexOf(waiter), 1);
        waiter.refuse(retryAfterMs);
      };
      const giveUp = setTimeout(onAbort, MAX_WAIT_MS);
      signal.addEventListener('abort', onAbort);
      queue.push(waiter);
      if (signal.aborted) onAbort();
      else pump();
    });

  return {
    enter: async (patience, signal) => {
      if (patience === 'durable') return wait(signal);
      // A call that ended before it began was never sent, and must not be told to be of unknown outcome.
      if (signal.aborted) throw new GatewayError('gate_shut');
      const entry = queue.length > 0 ? undefined : gate.enter('brief');
      if (entry?.kind === 'entered') return entry.pass;
      throw new GatewayError('gate_shut', { retryAfterMs: entry?.retryAfterMs ?? retryAfterMs });
    },
    pauseFor: (ms) => gate.pauseFor(ms),
  };
}
