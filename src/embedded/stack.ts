export interface Running {
  stop(): Promise<unknown>;
  kill(signal?: NodeJS.Signals): Promise<unknown>;
}

export interface Stack {
  /**
   * Starts one more part; a slow start is reported every 10 s. When the start fails, everything started before it is stopped
   * and the error is thrown on. Throws as well when the stack was stopped meanwhile; the part is then stopped too.
   */
  start<T extends Running>(name: string, start: () => Promise<T>): Promise<T>;
  /** Stops all parts, the last started first. Throws an AggregateError naming those that would not stop. */
  stopAll(): Promise<void>;
  killAll(): Promise<void>;
  /** Whether a signal has come; a failure after that is its effect. */
  readonly interrupted: boolean;
  /**
   * Resolves when SIGINT, SIGTERM or SIGHUP has come and all parts are stopped; a second signal kills them. Call it
   * before the first `start`, so that an interrupt while something starts is heard.
   */
  untilInterrupted(): Promise<void>;
}

/** Keeps the started parts in order, to end them in the reverse order. */
export function createStack(onProgress: (line: string) => void): Stack {
  const parts: { name: string; running: Running }[] = [];
  let stopped = false;
  let interrupted = false;
  const stack: Stack = {
    async start(name, start) {
      try {
        const running = await reportSlowStart(name, start(), onProgress);
        parts.push({ name, running });
        if (stopped) throw new Error(`Stopped while ${name} was starting`);
        return running;
      } catch (error) {
        await stack.stopAll();
        throw error;
      }
    },
    async stopAll() {
      stopped = true;
      const failures: Error[] = [];
      for (const { name, running } of parts.toReversed()) {
        onProgress(`Stopping ${name}`);
        await running.stop().catch((cause: unknown) => failures.push(new Error(`${name} did not stop`, { cause })));
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
    },
    async killAll() {
      stopped = true;
      await Promise.all(parts.map(({ running }) => running.kill('SIGKILL')));
    },
    get interrupted() {
      return interrupted;
    },
    untilInterrupted: () => untilInterrupted(stack, onProgress, () => (interrupted = true)),
  };
  return stack;
}

const REPORT_EVERY_MS = 10_000;

function reportSlowStart<T>(name: string, starting: Promise<T>, onProgress: (line: string) => void): Promise<T> {
  const startedAt = Date.now();
  const reports = setInterval(
    () => onProgress(`Still starting ${name}, for ${Math.round((Date.now() - startedAt) / 1_000)} s`),
    REPORT_EVERY_MS,
  );
  return starting.finally(() => clearInterval(reports));
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function untilInterrupted(
  stack: Stack,
  onProgress: (line: string) => void,
  onInterrupt: () => void,
): Promise<void> {
  let interrupts = 0;
  let onSignal: () => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    onSignal = () => {
      interrupts += 1;
      onInterrupt();
      if (interrupts === 1) onProgress('Stopping; once more to kill');
      const ending = interrupts === 1 ? stack.stopAll() : stack.killAll();
      ending.then(resolve, reject);
    };
  });
  for (const signal of SIGNALS) process.on(signal, onSignal);
  await done.finally(() => SIGNALS.forEach((signal) => process.off(signal, onSignal)));
}
