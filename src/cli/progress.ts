import { Presets, SingleBar } from 'cli-progress';
import type { CliEnvironment } from './environment.js';

export type Progress = { step(): void; to(done: number): void; stop(): void };

const NONE: Progress = { step: () => undefined, to: () => undefined, stop: () => undefined };

/** A bar on standard error, where a person looks at it; it goes when the work is done. */
export function startProgress(env: CliEnvironment, total: number): Progress {
  if (env.terminal === undefined || total < 2) return NONE;
  const options = { stream: env.terminal, clearOnComplete: true, hideCursor: true };
  const bar = new SingleBar({ ...options, format: '{bar} {value}/{total} {eta_formatted}' }, Presets.shades_classic);
  bar.start(total, 0);
  return {
    step: () => {
      bar.increment();
    },
    to: (done) => {
      bar.update(done);
    },
    stop: () => {
      bar.stop();
    },
  };
}
