import { randomBytes } from 'node:crypto';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { inject } from 'vitest';
import { limitSessions } from '../../src/db/migrate.js';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A database of its own with all migrations applied: a clone of the run's template. */
export async function testDatabase(): Promise<TestDatabase> {
  const template = inject('templateDatabase');
  return createDatabase(async (sql, name) => {
    // Written to the log, a copy takes thrice as long.
    await sql`create database ${sql(name)} template ${sql(template)} strategy file_copy`;
    // Not copied with the template.
    await limitSessions(drizzle(sql), name);
  });
}

/** A database of its own with nothing in it, for tests of the migrations themselves. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return createDatabase((sql, name) => sql`create database ${sql(name)}`);
}

/** The server's database `postgres`, where nothing is kept and databases are created from. */
export function adminUrlOf(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.pathname = '/postgres';
  return url.href;
}

export async function onDatabase<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    // The role's limit is the program's: no statement is too slow to prepare a test.
    await sql`set statement_timeout = 0`;
    return await work(sql);
  } finally {
    await sql.end();
  }
}

async function createDatabase(create: (sql: postgres.Sql, name: string) => Promise<unknown>): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  await create(asAdmin(), name);
  return {
    url: url.href,
    async drop() {
      await asAdmin()`drop database ${asAdmin()(name)} with (force)`;
    },
  };
}

let admin: postgres.Sql | undefined;

/** One session for all that a process creates and drops; it ends when nothing is asked of it for a second. */
function asAdmin(): postgres.Sql {
  admin ??= postgres(adminUrlOf(inject('databaseUrl')), {
    max: 1,
    idle_timeout: 1,
    onnotice: () => undefined,
    // As a parameter of the session: it is opened again after a pause. Long, since the driver does not send a 0.
    connection: { statement_timeout: 3_600_000 },
  });
  return admin;
}
