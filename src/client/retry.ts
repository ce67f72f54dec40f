import { NoAnswerError, PaySagaError, problemOf } from './error.js';

export type RetryOptions = {
  /** How often a call is tried in all; default 4. */
  readonly tries?: number;
  /** Milliseconds for one call with all its tries and pauses; default 60,000. */
  readonly totalMs?: number;
  /** Milliseconds for one try; default 20,000. PaySaga itself waits up to 8 s for WeChat Pay. */
  readonly timeoutMs?: number;
};

export type CallOptions = RetryOptions & { readonly signal?: AbortSignal };

/** Time and chance, for tests to hold. */
export type Clock = {
  /** Milliseconds. */
  readonly now: () => number;
  /** In 0..1. */
  readonly chance: () => number;
  /** Rejects with the signal's reason. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
};

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

/** One try: an answer, or why there was none. */
export type Tried = Answer | { readonly silence: unknown };

const DEFAULTS = { tries: 4, totalMs: 60_000, timeoutMs: 20_000 } as const;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** Who may try again: `freely`, or only what was refused before anything was done. */
export type Repeats = 'freely' | 'if_refused';

/** The first answer that is a success. Throws PaySagaError, NoAnswerError, or the signal's reason. */
export async function withRetries(
  once: (signal: AbortSignal) => Promise<Tried>,
  { signal, ...given }: CallOptions,
  { clock, repeats }: { readonly clock: Clock; readonly repeats: Repeats },
): Promise<Answer> {
  const { tries, totalMs, timeoutMs } = { ...DEFAULTS, ...given };
  const endMs = clock.now() + totalMs;
  for (let tried = 1; ; tried += 1) {
    signal?.throwIfAborted();
    const limit = AbortSignal.timeout(Math.max(1, Math.min(timeoutMs, endMs - clock.now())));
    const outcome = await once(signal === undefined ? limit : AbortSignal.any([signal, limit]));
    signal?.throwIfAborted();
    if (isDone(outcome)) return outcome;
    const pauseMs = isWorthRepeating(outcome, repeats) ? pauseAfter(outcome, tried, clock.chance()) : Infinity;
    if (tried >= tries || clock.now() + pauseMs >= endMs) throw errorOf(outcome);
    await clock.wait(pauseMs, signal);
  }
}

const isDone = (outcome: Tried): outcome is Answer =>
  'status' in outcome && outcome.status >= 200 && outcome.status < 300;

/** Whatever may have happened, the same call again does nothing twice. */
export function isWorthRepeating(outcome: Tried, repeats: Repeats): boolean {
  if ('silence' in outcome) return repeats === 'freely';
  if (outcome.status === 429) return true;
  if (outcome.status === 409) return problemOf(outcome.text)?.code === 'close_too_early';
  return repeats === 'freely' && [502, 503, 504].includes(outcome.status);
}

/** Twice as long each time, less up to half of it by chance; never earlier than `Retry-After`. */
export function pauseAfter(outcome: Tried, tried: number, chance: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tried - 1));
  const asked = 'silence' in outcome ? 0 : Number(outcome.headers.get('retry-after') ?? 0) * 1_000;
  return Math.max(longest * (1 - chance / 2), Number.isFinite(asked) ? asked * (1 + chance / 10) : 0);
}

export function errorOf(outcome: Tried): PaySagaError | NoAnswerError {
  if ('silence' in outcome) return new NoAnswerError('PaySaga did not answer', { cause: outcome.silence });
  const problem = problemOf(outcome.text);
  if (problem !== undefined) return new PaySagaError(problem);
  return new NoAnswerError(`The answer, ${outcome.status}, is not PaySaga's`, { status: outcome.status });
}

export const webClock: Clock = {
  now: () => Date.now(),
  chance: () => Math.random(),
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(reasonOf(signal));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

const reasonOf = (signal: AbortSignal | undefined): Error =>
  signal?.reason instanceof Error ? signal.reason : new Error('Aborted', { cause: signal?.reason });
