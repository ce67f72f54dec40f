import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { connect, type Db } from '../db/connection.js';
import type { CliEnvironment } from './cli.js';
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

const devFileSchema = z.object({ databaseUrl: z.string() });

async function embeddedUrl(home: string): Promise<string> {
  const file = join(home, 'dev.json');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    throw new CliFailure(EXIT.unreachable, `set DATABASE_URL, or start PaySaga with npm start: there is no ${file}`);
  }
  const parsed = devFileSchema.safeParse(jsonOf(text));
  if (!parsed.success) throw new CliFailure(EXIT.unreachable, `${file} does not name a databaseUrl`);
  return parsed.data.databaseUrl;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
