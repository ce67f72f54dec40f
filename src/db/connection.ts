import { drizzle, type PostgresJsDatabase, type PostgresJsTransaction } from 'drizzle-orm/postgres-js';
import type { ExtractTablesWithRelations } from 'drizzle-orm';
import postgres, { type Sql } from 'postgres';
import { guarded } from './failure.js';
import { steadyClient } from './steady-client.js';

export { DatabaseRefused, DatabaseUnavailable, isUnavailable, TransitionRefused } from './failure.js';

type NoSchema = Record<string, never>;
export type Db = PostgresJsDatabase<NoSchema>;
export type Tx = PostgresJsTransaction<NoSchema, ExtractTablesWithRelations<NoSchema>>;
export type Connection = { readonly db: Db; readonly sql: Sql; readonly close: () => Promise<void> };

export type ConnectOptions = {
  /** Connections at most; 10 unless told. */
  readonly max?: number;
  readonly applicationName?: string;
};

/**
 * Limits of every session are the role's in this database (`limitSessions`), not the connection's: poolers refuse most start-up
 * parameters. Opens lazily: a dead database shows at the first query, within 5 s, as `DatabaseUnavailable`.
 */
export function connect(databaseUrl: string, options: ConnectOptions = {}): Connection {
  const sql = postgres(databaseUrl, {
    max: options.max ?? 10,
    connect_timeout: 5,
    idle_timeout: 60,
    // After an outage the first caller waits at most a second for the next try.
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 1),
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: options.applicationName ?? 'paysaga' },
  });
  return { db: drizzle(steadyClient(sql)), sql, close: () => sql.end({ timeout: 5 }) };
}

/** One transaction; within one, a savepoint. Rolls back when `run` throws, and throws the same. */
export function withTransaction<T>(db: Db | Tx, run: (tx: Tx) => Promise<T>): Promise<T> {
  return guarded(() => db.transaction(run));
}
