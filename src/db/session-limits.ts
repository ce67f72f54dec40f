import type { Sql } from 'postgres';
import { guarded } from './failure.js';

/** A statement that takes longer is cancelled, a transaction that stands idle for longer is ended. */
export const SESSION_LIMITS = { statement_timeout: '5s', idle_in_transaction_session_timeout: '15s' } as const;

/**
 * Limits every session that this role opens in this database from now on; any role may do so for itself. Kept with the database's
 * server, so that a pooler passes it on, and not by a backup, so that every migration says it again.
 */
export async function limitSessions(sql: Sql): Promise<void> {
  await guarded(async () => {
    const [here] = await sql`select current_database() as database`;
    for (const [name, value] of Object.entries(SESSION_LIMITS))
      await sql.unsafe(`alter role current_user in database ${quoted(here?.['database'])} set ${name} = '${value}'`);
  });
}

const quoted = (name: unknown): string => `"${String(name).replaceAll('"', '""')}"`;

/** Whether a session began with limits, whatever was set in it since. */
export async function isLimited(sql: Sql): Promise<boolean> {
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
