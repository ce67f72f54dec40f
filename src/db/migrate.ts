import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import { connect, withTransaction, type Db, type Tx } from './connection.js';
import { guarded } from './failure.js';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations', import.meta.url));

/** Any number that nothing else locks in this database. */
const LOCK = 7_292_717;

/**
 * Brings the database's schema up to this build, in one transaction, and limits the sessions of the role that does it. Of several
 * processes at once the first one works; the others wait for it and find nothing left to do.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  // One session: what it is limited to below is what a pooler gives on.
  const { db, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga migrate' });
  try {
    await withTransaction(db, async (tx) => {
      await tx.execute(sql`set local statement_timeout = 0`);
      await tx.execute(sql`set local idle_in_transaction_session_timeout = 0`);
      await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it has all that is asked of a database
      await applyMigrations(tx, { migrationsFolder: MIGRATIONS_FOLDER });
      await limitSessions(tx);
    });
    // A pooler would give this session, which is older than its limits, to somebody else.
    if (!(await isLimited(db)))
      await db.execute(sql`select pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);
  } finally {
    await close();
  }
}

/** A statement that takes longer is cancelled, a transaction that stands idle for longer is ended. */
const SESSION_LIMITS = { statement_timeout: '5s', idle_in_transaction_session_timeout: '15s' } as const;

/**
 * Limits every session that this role opens from now on in this database, or in the server's other one that is named; any role may
 * do so for itself. Kept with the database's server, so that a pooler passes it on, and not by a backup, so that every migration
 * says it again. Of two that do so at once Postgres refuses one.
 */
export async function limitSessions(db: Db | Tx, database?: string): Promise<void> {
  const [here] = await guarded(() =>
    db.execute<{ database: string }>(sql`select coalesce(${database ?? null}::text, current_database()) as database`),
  );
  const name = sql.identifier(here?.database ?? '');
  for (const [setting, value] of Object.entries(SESSION_LIMITS)) {
    const limit = sql.raw(`${setting} = '${value}'`);
    await guarded(() => db.execute(sql`alter role current_user in database ${name} set ${limit}`));
  }
}

/** Whether a session began with limits, whatever was set in it since. */
async function isLimited(db: Db): Promise<boolean> {
  for (const setting of Object.keys(SESSION_LIMITS)) await db.execute(sql.raw(`reset ${setting}`));
  return !Object.values(await sessionLimits(db)).includes('0');
}

/** What is in force in this session; 0 is no limit. */
export async function sessionLimits(db: Db): Promise<Readonly<Record<keyof typeof SESSION_LIMITS, string>>> {
  const [row] = await db.execute<{ statement: string; idle: string }>(
    sql`select current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle`,
  );
  return { statement_timeout: row?.statement ?? '', idle_in_transaction_session_timeout: row?.idle ?? '' };
}
