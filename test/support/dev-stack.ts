import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/entries/config.js';
import { createStack } from '../../src/embedded/stack.js';
import type * as devStack from '../../src/entries/stack/dev-stack.js';
import { ownEnvironment } from '../../src/entries/stack/environment.js';
import { importBuilt } from './built.js';
import { callerOf, type Caller } from './caller.js';
import { startedFor } from './started-for.js';

export type TestStack = devStack.DevStack &
  Caller & {
    readonly home: string;
    /** What a process of the stack has said so far. */
    log(entry: 'serve' | 'worker' | 'sandbox' | 'temporal' | 'postgres'): Promise<string>;
    stop(): Promise<void>;
  };

export type TestStackOptions = {
  /** Temporal keeps its state in a file and Postgres loses nothing in a crash; default both in the wind. */
  readonly durable?: boolean;
  /** Notify retry intervals are divided by it. */
  readonly timeScale?: number;
  /** Where the shops listen; default nowhere. */
  readonly webhookUrl?: string;
  /** Further variables of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** A {@link startTestStack} of a file's or a block's own. Options that other hooks make are asked for when these run. */
export const useStack = (options: TestStackOptions | (() => TestStackOptions) = {}): TestStack =>
  startedFor(
    () => startTestStack(typeof options === 'function' ? options() : options),
    (stack) => stack.stop(),
  );

/** The stack of `npm start` in a folder of its own, on free ports; ends with the test file, however that ends. */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const home = await mkdtemp(join(tmpdir(), 'paysaga-e2e-'));
  const webhook = options.webhookUrl === undefined ? {} : { PAYSAGA_WEBHOOK_URL: options.webhookUrl };
  const stack = createStack(() => undefined);
  const stop = async (): Promise<void> => {
    await stack.stopAll();
    await rm(home, { recursive: true, force: true });
  };
  try {
    // Starts its processes from where it stands itself.
    const { startDevStack } = (await importBuilt('src/entries/stack/dev-stack.ts')) as typeof devStack;
    const running = await startDevStack({
      config: readConfig({ ...stackEnvironment(home), ...webhook, ...options.environment }),
      stack,
      onProgress: () => undefined,
      durable: options.durable ?? false,
      timeScale: options.timeScale ?? 1,
    });
    const log = (entry: string) => readFile(join(home, 'logs', `${entry}.log`), 'utf8');
    return { ...running, ...callerOf(running.dev), home, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** For a process on its own, too. */
export const stackEnvironment = (home: string): Record<string, string> => ({
  ...ownEnvironment(process.env),
  PAYSAGA_HOME: home,
});

/** A number no other order has. */
export const newOrderNo = (): string => `E-${Date.now().toString(36)}-${randomInt(1e9).toString(36)}`;
