import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { migrate } from '../src/db/migrate.js';
import { startPostgres } from '../src/embedded/postgres.js';
import type { Running } from '../src/embedded/stack.js';

/**
 * A database of its own, with all migrations, which is dropped when it is stopped: on the server at `databaseUrl`, as a superuser (what is
 * generated was never paid: triggers are off, and a checkpoint comes before each round); else on a server that is started in `folder`.
 */
export async function benchDatabase(
  databaseUrl: string | undefined,
  folder: string,
  onProgress: (line: string) => void,
): Promise<Running & { readonly url: string }> {
  const server = await startPostgres({ databaseUrl, dataDir: join(folder, 'postgres'), onProgress });
  const name = `paysaga_bench_${process.pid}_${randomBytes(4).toString('hex')}`;
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  await onServer(server.url, (sql) => sql`create database ${sql(name)}`);
  await migrate(url.href);
  const stop = async () => {
    await onServer(server.url, (sql) => sql`drop database ${sql(name)} with (force)`);
    await server.stop();
  };
  return { url: url.href, stop, kill: (signal) => server.kill(signal) };
}

/** One session without the limits that the program's have. */
export async function onServer<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await sql`set statement_timeout = 0`;
    return await work(sql);
  } finally {
    await sql.end();
  }
}
