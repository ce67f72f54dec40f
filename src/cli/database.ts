import { connect, type Db } from '../db/connection.js';
import { devFileOf, readDevFile } from './dev-file.js';
import type { CliEnvironment } from './environment.js';
import { CliFailure, EXIT } from './exit.js';

/** Lends `work` the database the ingress uses: the one the environment names, else the one of the running embedded stack. */
export async function withDatabase<T>(env: CliEnvironment, work: (db: Db) => Promise<T>): Promise<T> {
  const connection = connect(env.config.databaseUrl ?? (await embeddedUrl(env.config.home)), {
    max: 1,
    applicationName: 'paysaga-cli',
  });
  try {
    return await work(connection.db);
  } finally {
    await connection.close();
  }
}

async function embeddedUrl(home: string): Promise<string> {
  const dev = await readDevFile(home);
  const file = devFileOf(home);
  if (dev === undefined) {
    throw new CliFailure(EXIT.unreachable, `set DATABASE_URL, or start PaySaga with npm start: there is no ${file}`);
  }
  if (dev.databaseUrl === undefined) throw new CliFailure(EXIT.unreachable, `${file} does not name a databaseUrl`);
  return dev.databaseUrl;
}
