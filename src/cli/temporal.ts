import { connectTemporal, type TemporalConfig, type TemporalConnection } from '../temporal/connection.js';
import { reach } from '../temporal/call.js';
import { devFileOf, readDevFile } from './dev-file.js';
import type { CliEnvironment } from './environment.js';
import { CliFailure, EXIT } from './exit.js';

const NAMESPACE = 'paysaga';

/** What is not there is known before anything is begun. */
const PING_MS = 5_000;

/** Lends `work` the Temporal server the environment names, else the one of the running embedded stack. */
export async function withTemporal<T>(
  env: CliEnvironment,
  work: (temporal: TemporalConnection) => Promise<T>,
): Promise<T> {
  const temporal = connectTemporal(env.config.temporal ?? (await embedded(env.config.home)));
  try {
    await reach(temporal.client, env.config.timeoutMs ?? PING_MS, () =>
      temporal.client.workflowService.getSystemInfo({}),
    );
    return await work(temporal);
  } finally {
    await temporal.close();
  }
}

async function embedded(home: string): Promise<TemporalConfig> {
  const address = (await readDevFile(home))?.temporalAddress;
  if (address === undefined) {
    const file = devFileOf(home);
    throw new CliFailure(EXIT.unreachable, `set TEMPORAL_ADDRESS, or start PaySaga with npm start: ${file} names none`);
  }
  return { connection: { address }, namespace: NAMESPACE };
}
