import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from './stack.js';

export interface ServiceOptions {
  name: string;
  command: string;
  args: readonly string[];
  /** Absent: the child inherits this process's environment. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  logFile?: string | undefined;
  /** A line of output that means ready, or a probe that resolves when the service answers. */
  ready: RegExp | ((signal: AbortSignal) => Promise<void>);
  readyTimeoutMs?: number;
  stopSignal?: NodeJS.Signals;
}

interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export type Service = ReturnType<typeof controls>;

/** The life of a server. One that runs elsewhere is left alone: its pid is `null`, and its end is not seen. */
export interface Life extends Running {
  pid: number | null;
  exited: Promise<unknown>;
}

export const runsElsewhere: Life = {
  pid: null,
  exited: new Promise(() => undefined),
  stop: () => Promise.resolve(),
  kill: () => Promise.resolve(),
};

/**
 * Starts a child process and resolves when it is ready; throws, with the last lines the child wrote, when it exits first
 * or is not ready in time. The child ends when this process ends, however this process ends: a small shell between the
 * two holds the reading end of a pipe and stops the child at its end of file.
 */
export async function spawnService(options: ServiceOptions): Promise<Service> {
  const { name, stopSignal = 'SIGTERM', readyTimeoutMs = 60_000 } = options;
  const guard = spawn('/bin/sh', ['-c', GUARD, stopSignal.slice(3), options.command, ...options.args], {
    // Its own process group: a Ctrl-C in the terminal reaches this process alone, which stops its children in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: options.env,
  });
  const output = keepOutput([guard.stdout as Readable, guard.stderr as Readable], options.logFile);
  const exited = new Promise<Exit>((resolve, reject) => {
    guard.once('error', reject);
    guard.once('exit', (code, signal) => {
      // A guard that was killed leaves its watcher, which ends the command once the pipe does.
      guard.stdio[3]?.destroy();
      const exit = signal === null ? exitOf(code) : { code, signal };
      output.closed.then(() => resolve(exit), reject);
    });
  });
  exited.catch(() => undefined);
  const written = await Promise.race([text(guard.stdio[4] as Readable), exited.then(() => '')]);
  const pid = Number.parseInt(written, 10);
  const service = controls(name, pid, exited, stopSignal);
  try {
    await untilReady(options.ready, output, exited, readyTimeoutMs);
    return service;
  } catch (error) {
    await service.kill('SIGKILL');
    throw new Error(`${name} did not start: ${(error as Error).message}\n${output.tail()}`, { cause: error });
  }
}

/**
 * `$0` is the signal that stops the command, `$@` the command. File 3 is the pipe from the parent, file 4 takes the
 * command's pid. The shell's own words ("Terminated") stay out of the command's output. `sleep` is in whole seconds because
 * POSIX promises no fractions.
 */
const GUARD = `
"$@" </dev/null 3<&- 4>&- &
child=$!
echo "$child" >&4
exec 4>&- >/dev/null 2>&1
trap 'kill -s "$0" "$child" 2>/dev/null' HUP INT TERM
(
  read -r line <&3
  kill -s "$0" "$child" 2>/dev/null
  waited=0
  while kill -0 "$child" 2>/dev/null && [ "$waited" -lt 8 ]; do sleep 1; waited=$((waited + 1)); done
  kill -s KILL -- -"$$"
) &
watcher=$!
exec 3<&-
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done
kill -s KILL "$watcher" 2>/dev/null
exit "$status"
`;

function exitOf(code: number | null): Exit {
  const number = (code ?? 0) - 128;
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return signal === undefined ? { code, signal: null } : { code: null, signal: signal as NodeJS.Signals };
}

function controls(name: string, pid: number, exited: Promise<Exit>, stopSignal: NodeJS.Signals) {
  let gone = false;
  void exited.finally(() => (gone = true)).catch(() => undefined);
  const send = (signal: NodeJS.Signals) => {
    if (gone) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  return {
    name,
    pid,
    exited,
    /** Asks the child to stop, and kills it after `graceMs`. */
    async stop(graceMs = 10_000) {
      send(stopSignal);
      const timer = setTimeout(() => send('SIGKILL'), graceMs);
      return exited.finally(() => clearTimeout(timer));
    },
    /** Resolves when the child is gone. */
    async kill(signal: NodeJS.Signals = 'SIGKILL') {
      send(signal);
      return exited;
    },
  };
}

async function untilReady(
  ready: ServiceOptions['ready'],
  output: ReturnType<typeof keepOutput>,
  exited: Promise<Exit>,
  timeoutMs: number,
): Promise<void> {
  const over = new AbortController();
  const timeout = AbortSignal.timeout(timeoutMs);
  const failed = new Promise<never>((_, reject) => {
    timeout.addEventListener('abort', () => reject(new Error(`not ready after ${String(timeoutMs)} ms`)));
    exited.then(({ code, signal }) => reject(new Error(`it exited with ${signal ?? String(code)}`)), reject);
  });
  failed.catch(() => undefined);
  const probe = ready instanceof RegExp ? output.line(ready) : ready(AbortSignal.any([over.signal, timeout]));
  probe.catch(() => undefined);
  try {
    await Promise.race([probe, failed]);
  } finally {
    over.abort();
  }
}

const TAIL_LINES = 40;

/** Keeps reading a child's streams so that it never blocks on a full pipe; `logFile` gets every line. */
function keepOutput(streams: readonly Readable[], logFile?: string) {
  const lines: string[] = [];
  const waiting = new Map<RegExp, () => void>();
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  // A full disk must not end the process that supervises the database.
  log?.on('error', (error) => lines.push(`log file: ${error.message}`));
  const ends = streams.map(async (stream) => {
    const reader = createInterface({ input: stream });
    reader.on('line', (line) => {
      log?.write(`${line}\n`);
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
      for (const [pattern, resolve] of waiting) if (pattern.test(line)) resolve();
    });
    await once(reader, 'close');
  });
  return {
    /** Resolves when a line, past or to come, matches. */
    async line(pattern: RegExp): Promise<void> {
      if (lines.some((line) => pattern.test(line))) return;
      await new Promise<void>((resolve) => waiting.set(pattern, resolve));
      waiting.delete(pattern);
    },
    tail: () => lines.join('\n'),
    /** Resolves when all streams have ended and the log file is written. */
    closed: Promise.all(ends).then(async () => {
      if (log !== undefined && !log.destroyed) await once(log.end(), 'close');
    }),
  };
}

/** Repeats `check` until it resolves. Once `signal` has aborted, throws what `check` threw last. */
export async function poll<T>(check: () => Promise<T>, signal: AbortSignal, everyMs = 100): Promise<T> {
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (signal.aborted) throw error;
      // When aborted, one last check follows.
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
