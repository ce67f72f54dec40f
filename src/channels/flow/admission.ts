import { GatewayError, type CallOptions } from '../port.js';
import type { Entry, Gate, Pass } from './gate.js';

/** Half of a durable call's 10 s; the answer has the other half. */
const MAX_WAIT_MS = 5_000;

export type Admission = ReturnType<typeof createAdmission>;

type Waiter = {
  readonly isAsked: boolean;
  readonly admit: (pass: Pass) => void;
  readonly refuse: (retryAfterMs: number) => void;
};

export function createAdmission(gate: Gate) {
  const queue: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;
  let retryAfterMs = 0;

  /** The first, or, where it has to keep quiet, the first that need not. */
  const next = (): { readonly waiter: Waiter; readonly entry: Entry } | undefined => {
    const [first] = queue;
    if (first === undefined) return undefined;
    const entry = gate.enter('durable', first.isAsked);
    const asked = entry.kind === 'shut' && entry.why === 'quiet' ? queue.find((it) => it.isAsked) : undefined;
    return asked === undefined || asked === first
      ? { waiter: first, entry }
      : { waiter: asked, entry: gate.enter('durable', true) };
  };

  const pump = (): void => {
    clearTimeout(timer);
    for (let it = next(); it !== undefined; it = next()) {
      const { waiter, entry } = it;
      if (entry.kind === 'shut') {
        retryAfterMs = entry.retryAfterMs;
        // Its turn cannot come in time: its place in the worker goes to others.
        if (entry.why === 'quiet' && !waiter.isAsked && retryAfterMs > MAX_WAIT_MS) {
          queue.splice(queue.indexOf(waiter), 1);
          waiter.refuse(retryAfterMs);
          continue;
        }
        // Nobody waits here longer, and a longer timer might overflow.
        timer = setTimeout(pump, Math.min(entry.retryAfterMs, MAX_WAIT_MS)).unref();
        return;
      }
      queue.splice(queue.indexOf(waiter), 1);
      waiter.admit(entry.pass);
    }
  };
  gate.onLeave(pump);

  const notSent = (code: 'gate_shut' | 'rate_limited', ms: number): GatewayError => {
    const quietMs = gate.quietMs();
    return new GatewayError(code, { retryAfterMs: ms, quietMs: quietMs > 0 ? quietMs : null });
  };

  const wait = (signal: AbortSignal, isAsked: boolean): Promise<Pass> =>
    new Promise((resolve, reject) => {
      const settle = (run: () => void): void => {
        clearTimeout(giveUp);
        signal.removeEventListener('abort', onAbort);
        run();
      };
      const waiter: Waiter = {
        isAsked,
        admit: (pass) => settle(() => resolve(pass)),
        refuse: (ms) => settle(() => reject(notSent('rate_limited', ms))),
      };
      const leaveLine = (): void => void queue.splice(queue.indexOf(waiter), 1);
      const onAbort = (): void => {
        leaveLine();
        waiter.refuse(retryAfterMs);
      };
      const onTime = (): void => {
        leaveLine();
        const entry = gate.enter('durable', isAsked);
        if (entry.kind === 'entered') waiter.admit(entry.pass);
        else waiter.refuse(entry.retryAfterMs);
      };
      const giveUp = setTimeout(onTime, MAX_WAIT_MS);
      signal.addEventListener('abort', onAbort);
      queue.push(waiter);
      if (signal.aborted) onAbort();
      else pump();
    });

  return {
    /**
     * `brief`: at once, or `gate_shut`. `durable`: waits its turn, first come first served; `rate_limited` when it did not come.
     * While WeChat Pay asks for quiet, `isAsked` calls go before the others. The pass must be left, whatever happens.
     */
    enter: async (patience: CallOptions['patience'], signal: AbortSignal, isAsked = false): Promise<Pass> => {
      if (patience === 'durable') return wait(signal, isAsked);
      // Never sent, so not of unknown outcome.
      if (signal.aborted) throw new GatewayError('gate_shut');
      const before = isAsked && gate.quietMs() > 0 ? queue.filter((it) => it.isAsked) : queue;
      const entry = before.length > 0 ? undefined : gate.enter('brief', isAsked);
      if (entry?.kind === 'entered') return entry.pass;
      throw notSent('gate_shut', entry?.retryAfterMs ?? retryAfterMs);
    },
    pauseFor: gate.pauseFor,
  };
}
