import { setTimeout as sleep } from 'node:timers/promises';
import type { Running } from '../../embedded/stack.js';
import type { Part } from './processes.js';

export type Kept = {
  readonly name: string;
  readonly part: Pick<Part, 'now' | 'kill' | 'restart'>;
  /** Rejects when the process runs but does not work. */
  readonly works?: () => Promise<void>;
};

export type Pace = {
  /** The wait between an end and the next start; doubled with each, up to a minute. */
  readonly waitMs: number;
  readonly lookEveryMs: number;
  /** How long looks must fail, three at least, before the process is ended. */
  readonly patienceMs: number;
};

const PACE: Pace = { waitMs: 1_000, lookEveryMs: 5_000, patienceMs: 30_000 };
const LONGEST_WAIT_MS = 60_000;
/** After so long a run the next wait is the shortest again. */
const RAN_WELL_MS = 60_000;
const LOOKS = 3;

/** Restarts parts that end by themselves, and ends those that no longer work. To be stopped before the parts are. */
export function keepRunning(parts: readonly Kept[], say: (line: string) => void, pace = PACE): Running {
  const stopping = new AbortController();
  const loops = parts.flatMap((kept) => {
    const loop = { ...pace, stop: stopping.signal, state: { isUp: true } };
    return [restartWhenEnded(kept, say, loop), endWhenBroken(kept, say, loop)];
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
    kill() {
      stopping.abort();
      return Promise.resolve();
    },
  };
}

type Loop = Pace & { readonly stop: AbortSignal; readonly state: { isUp: boolean } };
type Say = (line: string) => void;

async function restartWhenEnded({ name, part }: Kept, say: Say, { waitMs, stop, state }: Loop): Promise<void> {
  const told = new Promise<'told'>((resolve) => stop.addEventListener('abort', () => resolve('told')));
  let nextWaitMs = waitMs;
  for (;;) {
    const since = performance.now();
    const end = await Promise.race([part.now.exited.catch((error: unknown) => error), told]);
    if (isTold(stop)) return;
    state.isUp = false;
    if (performance.now() - since > RAN_WELL_MS) nextWaitMs = waitMs;
    say(`${name} ended (${endOf(end)}), starting again in ${nextWaitMs / 1_000} s`);
    await pause(nextWaitMs, stop);
    if (isTold(stop)) return;
    nextWaitMs = Math.min(nextWaitMs * 2, LONGEST_WAIT_MS);
    await part.restart().then(
      () => {
        state.isUp = true;
        say(`${name} runs again`);
      },
      (error: unknown) => say(firstLine(error)),
    );
  }
}

async function endWhenBroken({ name, part, works }: Kept, say: Say, loop: Loop): Promise<void> {
  const { lookEveryMs, patienceMs, stop, state } = loop;
  if (works === undefined) return;
  let failures = 0;
  let since = performance.now();
  while (!isTold(stop)) {
    const problem = await works().then(() => undefined, firstLine);
    failures = problem === undefined || !state.isUp ? 0 : failures + 1;
    if (failures === 0) since = performance.now();
    if (!isTold(stop) && failures >= LOOKS && performance.now() - since >= patienceMs) {
      say(`${name} answers errors only (${problem ?? ''}), ending it`);
      await part.kill('SIGKILL');
      failures = 0;
      since = performance.now();
    }
    await pause(lookEveryMs, stop);
  }
}

/** A function, since the flag changes during each await. */
const isTold = (stop: AbortSignal): boolean => stop.aborted;

const pause = (ms: number, stop: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: stop }).catch(() => undefined);

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** How a process ended, in a word: its signal, its exit code, or what went wrong with it. */
export function endOf(end: unknown): string {
  if (typeof end !== 'object' || end === null) return 'unknown';
  if ('signal' in end && typeof end.signal === 'string') return end.signal;
  return 'code' in end ? String(end.code) : firstLine(end);
}
