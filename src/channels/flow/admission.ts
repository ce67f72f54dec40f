import { GatewayError, type CallOptions } from '../port.js';
import type { Entry, Gate, Pass, Rank } from './gate.js';

/**
 * How long a call waits for its turn. Durable: half of its 10 s; the answer has the other half. Brief: a crowd passes eight at a time
 * within a moment, and the durable path costs an order more than this.
 */
const MAX_WAIT_MS: Readonly<Record<Patience, number>> = { brief: 300, durable: 5_000 };

/** Polls that wait at once. More only hold places in the worker: they are made again when there are fewer. */
const MAX_POLLS = 4;

type Patience = CallOptions['patience'];

export type Admission = ReturnType<typeof createAdmission>;

type Waiter = Rank & {
  readonly patience: Patience;
  readonly admit: (pass: Pass) => void;
  readonly refuse: (retryAfterMs: number) => void;
};

export function createAdmission(gate: Gate) {
  /** First come first served, but polls behind all others. */
  const queue: Waiter[] = [];
  let timer: NodeJS.Timeout | undefined;
  let retryAfterMs = 0;

  const join = (waiter: Waiter): void => {
    const firstPoll = queue.findIndex(({ isPoll }) => isPoll);
    if (waiter.isPoll || firstPoll === -1) queue.push(waiter);
    else queue.splice(firstPoll, 0, waiter);
  };
  const leaveLine = (waiter: Waiter): void => void queue.splice(queue.indexOf(waiter), 1);

  /** The first, or, where it has to keep quiet, the first that need not. */
  const next = (): { readonly waiter: Waiter; readonly entry: Entry } | undefined => {
    const [first] = queue;
    if (first === undefined) return undefined;
    const entry = gate.enter(first.patience, first);
    const asked = entry.kind === 'shut' && entry.why === 'quiet' ? queue.find((it) => it.isAsked) : undefined;
    return asked === undefined || asked === first
      ? { waiter: first, entry }
      : { waiter: asked, entry: gate.enter(asked.patience, asked) };
  };

  const pump = (): void => {
    clearTimeout(timer);
    for (let it = next(); it !== undefined; it = next()) {
      const { waiter, entry } = it;
      if (entry.kind === 'shut') {
        retryAfterMs = entry.retryAfterMs;
        // Its place in the worker goes to others.
        if (isInVain(waiter, entry)) {
          leaveLine(waiter);
          waiter.refuse(retryAfterMs);
          continue;
        }
        // Nobody waits here longer, and a longer timer might overflow.
        timer = setTimeout(pump, Math.min(entry.retryAfterMs, MAX_WAIT_MS.durable)).unref();
        return;
      }
      leaveLine(waiter);
      waiter.admit(entry.pass);
    }
  };
  gate.onLeave(pump);

  const notSent = (code: 'gate_shut' | 'rate_limited', ms: number): GatewayError => {
    const quietMs = gate.quietMs();
    return new GatewayError(code, { retryAfterMs: ms, quietMs: quietMs > 0 ? quietMs : null });
  };

  /** A poll that finds no place tells nothing of the gateway, but for one that fails. */
  const codeOf = (patience: Patience, { isPoll = false }: Rank): 'gate_shut' | 'rate_limited' =>
    patience === 'brief' || (isPoll && !gate.isFailing()) ? 'gate_shut' : 'rate_limited';

  const wait = (patience: Patience, signal: AbortSignal, rank: Rank): Promise<Pass> =>
    new Promise((resolve, reject) => {
      const settle = (run: () => void): void => {
        clearTimeout(giveUp);
        signal.removeEventListener('abort', onAbort);
        run();
      };
      const waiter: Waiter = {
        ...rank,
        patience,
        admit: (pass) => settle(() => resolve(pass)),
        refuse: (ms) => settle(() => reject(notSent(codeOf(patience, rank), ms))),
      };
      const onAbort = (): void => {
        leaveLine(waiter);
        waiter.refuse(retryAfterMs);
      };
      const onTime = (): void => {
        leaveLine(waiter);
        const entry = gate.enter(patience, rank);
        if (entry.kind === 'entered') waiter.admit(entry.pass);
        else waiter.refuse(entry.retryAfterMs);
      };
      const giveUp = setTimeout(onTime, MAX_WAIT_MS[patience]);
      signal.addEventListener('abort', onAbort);
      join(waiter);
      if (signal.aborted) onAbort();
      else pump();
    });

  return {
    /**
     * Waits its turn: `durable` 5 s, and is `rate_limited` then, `brief` a moment, unless it is known to be in vain, and is `gate_shut`.
     * Polls come after all others, and are `gate_shut` where too many wait. While WeChat Pay asks for quiet, `isAsked` calls go before
     * the others. The pass must be left, whatever happens.
     */
    enter: async (
      patience: Patience,
      signal: AbortSignal,
      { isAsked = false, isPoll = false }: Rank = {},
    ): Promise<Pass> => {
      const isCrowded = isPoll && queue.filter((it) => it.isPoll).length >= MAX_POLLS;
      // Never sent, so not of unknown outcome.
      if (patience === 'brief' ? signal.aborted : isCrowded) throw notSent(codeOf(patience, { isPoll }), retryAfterMs);
      return wait(patience, signal, { isAsked, isPoll });
    },
    pauseFor: gate.pauseFor,
  };
}

/** Its turn cannot come in time. A brief call would wait for a slot, or a token that is near, and for nothing else. */
function isInVain({ patience, isAsked }: Waiter, { why, retryAfterMs }: Extract<Entry, { kind: 'shut' }>): boolean {
  if (patience === 'brief') return why !== 'slots' && (why !== 'tokens' || retryAfterMs > MAX_WAIT_MS.brief);
  return why === 'quiet' && isAsked !== true && retryAfterMs > MAX_WAIT_MS.durable;
}
