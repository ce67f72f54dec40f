import { connect, type Db } from '../../db/connection.js';
import { reach } from '../../temporal/call.js';
import { connectTemporal, type TemporalConfig, type TemporalConnection } from '../../temporal/connection.js';
import { CliFailure, EXIT, type CliEnvironment } from './command.js';
import { devFileOf, readDevFile } from './dev-file.js';

export async function withDatabase<T>(env: CliEnvironment, work: (db: Db) => Promise<T>): Promise<T> {
  const connection = connect(env.config.databaseUrl ?? (await embeddedDatabase(env.config.home)), {
    max: 1,
    applicationName: 'paysaga-cli',
  });
  try {
    return await work(connection.db);
  } finally {
    await connection.close();
  }
}

async function embeddedDatabase(home: string): Promise<string> {
  const dev = await readDevFile(home);
  const file = devFileOf(home);
  if (dev === undefined) {
    throw new CliFailure(EXIT.unreachable, `set DATABASE_URL, or start PaySaga with npm start: there is no ${file}`);
  }
  if (dev.databaseUrl === undefined) throw new CliFailure(EXIT.unreachable, `${file} does not name a databaseUrl`);
  return dev.databaseUrl;
}

const PING_MS = 5_000;

export async function withTemporal<T>(
  env: CliEnvironment,
  work: (temporal: TemporalConnection) => Promise<T>,
): Promise<T> {
  const temporal = connectTemporal(env.config.temporal ?? (await embeddedTemporal(env.config)));
  try {
    await reach(temporal.client, env.config.timeoutMs ?? PING_MS, () =>
      temporal.client.workflowService.getSystemInfo({}),
    );
    return await work(temporal);
  } finally {
    await temporal.close();
  }
}

async function embeddedTemporal({ home, embeddedNamespace }: CliEnvironment['config']): Promise<TemporalConfig> {
  const address = (await readDevFile(home))?.temporalAddress;
  if (address === undefined) {
    const file = devFileOf(home);
    throw new CliFailure(EXIT.unreachable, `set TEMPORAL_ADDRESS, or start PaySaga with npm start: ${file} names none`);
  }
  return { connection: { address }, namespace: embeddedNamespace ?? 'paysaga' };
}
