import pino, { type Logger } from 'pino';
import { ConfigError } from './config.js';
import { MerchantsFileError } from './merchants.js';

/** One JSON line an event, on standard error: standard output is for people and scripts. */
export const createLog = (name: string, level: string): Logger => pino({ name, level }, pino.destination(2));

/** A fault of this machine that a person must repair before PaySaga can start; told in one line. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'start_error';
}

const ONE_LINE = [ConfigError, MerchantsFileError, StartError];

/** Runs a process's main function. A fault that a person must repair is one line, any other its stack; both end the process. */
export async function runProcess(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (ONE_LINE.some((kind) => error instanceof kind)) console.error(`${name}: ${(error as Error).message}`);
    else console.error(`${name}:`, error);
    process.exit(1);
  }
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Resolves with the first SIGINT or SIGTERM. A second one ends the process at once. */
export function untilAskedToStop(): Promise<StopSignal> {
  return new Promise((resolve) => {
    const first = (signal: StopSignal): void => {
      process.off('SIGINT', first);
      process.off('SIGTERM', first);
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
      resolve(signal);
    };
    process.on('SIGINT', first);
    process.on('SIGTERM', first);
  });
}
