export interface Running {
  stop(): Promise<unknown>;
  kill(signal?: NodeJS.Signals): Promise<unknown>;
}

export type Stack = ReturnType<typeof createStack>;

/** Keeps the started parts in order, to end them in the reverse order. */
export function createStack(onProgress: (line: string) => void) {
  const parts: { name: string; running: Running }[] = [];
  let stopped = false;
  let interrupts = 0;
  const stopAll = async (): Promise<void> => {
    stopped = true;
    const failures: Error[] = [];
    for (const { name, running } of parts.toReversed()) {
      onProgress(`Stopping ${name}`);
      await running.stop().catch((cause: unknown) => failures.push(new Error(`${name} did not stop`, { cause })));
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
  };
  const killAll = async (): Promise<void> => {
    stopped = true;
    await Promise.all(parts.map(({ running }) => running.kill('SIGKILL')));
  };
  return {
    /** Starts one more part. A failure, or a stop of the stack meanwhile, stops all parts and throws. */
    async start<T extends Running>(name: string, start: () => Promise<T>): Promise<T> {
      try {
        const running = await reportSlowStart(name, start(), onProgress);
        parts.push({ name, running });
        if (stopped) throw new Error(`Stopped while ${name} was starting`);
        return running;
      } catch (error) {
        await stopAll();
        throw error;
      }
    },
    /** Stops all parts, the last started first. Throws an AggregateError naming those that would not stop. */
    stopAll,
    /** Whether a signal has come; a failure after that is its effect. */
    get interrupted() {
      return interrupts > 0;
    },
    /** Resolves when a signal has stopped all parts; a second one kills them. Call it before the first `start`. */
    async untilInterrupted(): Promise<void> {
      let onSignal: () => void = () => undefined;
      const ended = new Promise<void>((resolve, reject) => {
        onSignal = () => {
          interrupts += 1;
          if (interrupts === 1) onProgress('Stopping; once more to kill');
          (interrupts === 1 ? stopAll() : killAll()).then(resolve, reject);
        };
      });
      for (const signal of SIGNALS) process.on(signal, onSignal);
      await ended.finally(() => SIGNALS.forEach((signal) => process.off(signal, onSignal)));
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const REPORT_EVERY_MS = 10_000;

function reportSlowStart<T>(name: string, starting: Promise<T>, onProgress: (line: string) => void): Promise<T> {
  const startedAt = Date.now();
  const reports = setInterval(
    () => onProgress(`Still starting ${name}, for ${Math.round((Date.now() - startedAt) / 1_000)} s`),
    REPORT_EVERY_MS,
  );
  return starting.finally(() => clearInterval(reports));
}
