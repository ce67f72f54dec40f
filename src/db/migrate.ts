import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { guarded } from './failure.js';
import { isLimited, limitSessions } from './session-limits.js';

/** Any number that nothing else locks in this database. */
const LOCK = 7_292_717;

/**
 * Brings the database's schema up to this build, in one transaction, and limits the sessions of the role that does it. Several processes may do so at once: the first one
 * works, the others wait for it and find nothing left to do.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  // One connection: the lock is the session's, and must be held by the one that migrates.
  const sql = postgres(databaseUrl, {
    max: 1,
    connect_timeout: 5,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: 'paysaga migrate' },
  });
  try {
    await guarded(async () => {
      await sql`set statement_timeout = 0`;
      await sql`set idle_in_transaction_session_timeout = 0`;
      await sql`select pg_advisory_lock(${LOCK})`;
      await applyMigrations(drizzle(sql), {
        migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
      });
      await limitSessions(sql);
      // A pooler would give this session, which is older than its limits, to somebody else.
      if (!(await isLimited(sql))) await sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => undefined);
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
