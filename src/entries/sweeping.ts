import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Sweep } from '../../activities/sweeper.js';
import type { Connection } from '../db/connection.js';
import { isSweepMissed, recordSweep, withSweepLock } from '../sweep/store/sweeps.js';
import { ensureSweeper } from '../sweep/client.js';
import { describeError } from '../base/describe-error.js';
import { MINUTE } from '../base/time.js';

type SweepingDeps = {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  readonly sweep: Sweep;
  readonly log: Logger;
};

/** Each minute corrects the Schedule of the sweeps and, where it brings none, sweeps itself. */
export function keepSweeping(deps: SweepingDeps, everyMs = MINUTE): { stop(): Promise<void> } {
  let looking: Promise<void> | undefined;
  const look = (): void => {
    looking ??= lookAfter(deps).finally(() => (looking = undefined));
  };
  const timer = setInterval(look, everyMs);
  look();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Never rejects: the next minute tries again. */
async function lookAfter({ client, connection, taskQueue, sweep, log }: SweepingDeps): Promise<void> {
  try {
    const outcome = await ensureSweeper(client, taskQueue);
    if (outcome !== 'right') log.info({ outcome }, 'the schedule of the sweeps was looked after');
  } catch (error) {
    log.warn({ error: describeError(error) }, 'the schedule of the sweeps could not be looked after');
  }
  try {
    if (!(await isSweepMissed(connection.db))) return;
    await withSweepLock(connection.db, async () => {
      if (!(await isSweepMissed(connection.db))) return;
      log.warn('no sweep has ended for three minutes: this worker sweeps');
      await sweep((message, fields) => log.warn(withReason(fields), message));
      await recordSweep(connection.db, 'worker');
    });
  } catch (error) {
    log.warn({ error: describeError(error) }, 'a sweep that was missed could not be made up for');
  }
}

const withReason = ({ error, ...fields }: Readonly<Record<string, unknown>>) => ({
  ...fields,
  ...(error === undefined ? {} : { error: describeError(error) }),
});
