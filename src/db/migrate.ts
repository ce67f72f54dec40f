import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import type { Sql } from 'postgres';
import { connect } from './connection.js';
import { guarded } from './failure.js';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));

/** Any number that nothing else locks in this database. */
const LOCK = 7_292_717;

/**
 * Brings the database's schema up to this build, in one transaction, and limits the sessions of the role that does it. Of several
 * processes at once the first one works; the others wait for it and find nothing left to do.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  // One connection: the lock is the session's, and must be held by the one that migrates.
  const { sql, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga migrate' });
  try {
    await guarded(async () => {
      await sql`set statement_timeout = 0`;
      await sql`set idle_in_transaction_session_timeout = 0`;
      await sql`select pg_advisory_lock(${LOCK})`;
      await applyMigrations(drizzle(sql), { migrationsFolder: MIGRATIONS_FOLDER });
      await limitSessions(sql);
      // A pooler would give this session, which is older than its limits, to somebody else.
      if (!(await isLimited(sql))) await sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => undefined);
    });
  } finally {
    await close();
  }
}

/** A statement that takes longer is cancelled, a transaction that stands idle for longer is ended. */
const SESSION_LIMITS = { statement_timeout: '5s', idle_in_transaction_session_timeout: '15s' } as const;

/**
 * Limits every session that this role opens from now on in this database, or in the server's other one that is named; any role may
 * do so for itself. Kept with the database's server, so that a pooler passes it on, and not by a backup, so that every migration
 * says it again.
 */
export async function limitSessions(sql: Sql, database?: string): Promise<void> {
  await guarded(async () => {
    const [here] = await sql`select coalesce(${database ?? null}, current_database()) as database`;
    for (const [name, value] of Object.entries(SESSION_LIMITS))
      await sql.unsafe(`alter role current_user in database ${quoted(here?.['database'])} set ${name} = '${value}'`);
  });
}

const quoted = (name: unknown): string => `"${String(name).replaceAll('"', '""')}"`;

/** Whether a session began with limits, whatever was set in it since. */
async function isLimited(sql: Sql): Promise<boolean> {
  for (const name of Object.keys(SESSION_LIMITS)) await guarded(() => sql.unsafe(`reset ${name}`));
  return !Object.values(await sessionLimits(sql)).includes('0');
}

/** What is in force in this session; 0 is no limit. */
export async function sessionLimits(sql: Sql): Promise<Readonly<Record<keyof typeof SESSION_LIMITS, string>>> {
  const [row] = await guarded(
    () => sql<{ statement: string; idle: string }[]>`
      select current_setting('statement_timeout') as statement,
        current_setting('idle_in_transaction_session_timeout') as idle`,
  );
  return { statement_timeout: row?.statement ?? '', idle_in_transaction_session_timeout: row?.idle ?? '' };
}
