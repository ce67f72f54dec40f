import type { Sandbox, SandboxOptions } from '../../../src/sandbox/start.js';
import { laterOf, startedFor } from '../../support/started-for.js';
import { startTestSandbox } from '../../support/sandbox.js';
import { merchantOf, type Credentials } from './client.js';
import { startReceiver, type Receiver } from './receiver.js';

/** A sandbox of a file's or a block's own, and its first merchant. */
export function useSandbox(options: SandboxOptions = {}): {
  readonly sandbox: Sandbox;
  readonly merchant: Credentials;
} {
  let merchant: Credentials | undefined;
  const sandbox = startedFor(
    async () => {
      const started = await startTestSandbox(options);
      merchant = await merchantOf(started);
      return started;
    },
    (started) => started.close(),
  );
  return { sandbox, merchant: laterOf(() => merchant) };
}

/** Where notifies arrive. */
export const useReceiver = (): Receiver => startedFor(startReceiver, (receiver) => receiver.close());
