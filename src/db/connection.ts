import { once } from 'node:events';
import { sql, type ExtractTablesWithRelations } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase, type PostgresJsTransaction } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Sql, TransactionSql } from 'postgres';
import { guarded, isConnectionLost } from './failure.js';

type NoSchema = Record<string, never>;
export type Db = PostgresJsDatabase<NoSchema>;
export type Tx = PostgresJsTransaction<NoSchema, ExtractTablesWithRelations<NoSchema>>;
export type Connection = { readonly db: Db; readonly sql: Sql; readonly close: () => Promise<void> };

type ConnectOptions = { readonly max?: number; readonly applicationName?: string };

/**
 * Limits of every session are the role's in this database (`limitSessions`), not the connection's: poolers refuse most start-up
 * parameters. Opens lazily: a dead database shows at the first query, within 5 s, as `DatabaseUnavailable`.
 */
export function connect(
  databaseUrl: string,
  { max = 10, applicationName = 'paysaga' }: ConnectOptions = {},
): Connection {
  const sql = postgres(databaseUrl, {
    max,
    connect_timeout: 5,
    idle_timeout: 60,
    // After an outage the first caller waits at most a second for the next try.
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 1),
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: applicationName },
  });
  return { db: guardQueries(drizzle(steadyClient(sql))), sql, close: () => sql.end({ timeout: 5 }) };
}

/** Every query throws what {@link guarded} does; one in a transaction throws it when the transaction does. */
function guardQueries(db: Db): Db {
  const { session } = db._;
  const prepare = session.prepareQuery.bind(session);
  Object.assign(session, {
    prepareQuery: (...query: Parameters<typeof prepare>) => {
      const prepared = prepare(...query);
      const execute = prepared.execute.bind(prepared);
      return Object.assign(prepared, {
        execute: (...values: Parameters<typeof execute>) => guarded(() => execute(...values)),
      });
    },
  });
  return db;
}

/** One transaction; within one, a savepoint. Rolls back when `run` throws, and throws the same. */
export function withTransaction<T>(db: Db | Tx, run: (tx: Tx) => Promise<T>): Promise<T> {
  return guarded(() => db.transaction(run));
}

/** Resolves when Postgres answers; else throws `DatabaseUnavailable`. */
export async function ping(db: Db): Promise<void> {
  await db.execute(sql`select 1`);
}

type Client = Sql | TransactionSql;
type Scoped<T> = (scope: TransactionSql) => Promise<T>;

/**
 * The driver as Drizzle should see it. Every query is prepared, once a connection: Drizzle names none by itself, which costs a
 * round trip and a plan each time. And a transaction that has failed for its caller sends nothing more: down the socket of a lost
 * connection the driver's next statement, rollback or commit throws outside every promise and ends the process.
 */
function steadyClient<T extends Client>(client: T, lost?: AbortSignal): T {
  return new Proxy(client, {
    get(target, property): unknown {
      if (property === 'unsafe') return unsafeOf(target, lost);
      if (property === 'begin' && 'begin' in target) return beginOf(target);
      if (property === 'savepoint' && 'savepoint' in target) return savepointOf(target, lost);
      return Reflect.get(target, property);
    },
  });
}

function unsafeOf(client: Client, lost: AbortSignal | undefined): Client['unsafe'] {
  return (query, parameters, options) => {
    if (lost?.aborted) throw connectionGone();
    return client.unsafe(query, parameters, { ...options, prepare: true });
  };
}

function beginOf(client: Sql) {
  return <T>(run: Scoped<T>) => {
    const lost = new AbortController();
    const transaction = client.begin((scope) => unlessLost(lost.signal, run(steadyClient(scope, lost.signal))));
    // The driver rejects it as soon as the connection closes, while what runs inside may still go on.
    transaction.catch(() => lost.abort());
    return transaction;
  };
}

function savepointOf(client: TransactionSql, lost = new AbortController().signal) {
  return <T>(run: Scoped<T>) => client.savepoint((scope) => unlessLost(lost, run(steadyClient(scope, lost))));
}

/**
 * Never settles once the connection is gone, so that the driver has nothing to roll back or commit. Nobody waits for it
 * then: the transaction as a whole has failed already.
 */
async function unlessLost<T>(lost: AbortSignal, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    return lost.aborted ? await never() : result;
  } catch (error) {
    // Postgres says so before it closes the connection, and the driver notices only then.
    if (isConnectionLost(error) && !lost.aborted) await soonAborted(lost);
    if (lost.aborted) return never();
    throw error;
  }
}

const never = (): Promise<never> => new Promise(() => undefined);

const CLOSES_WITHIN_MS = 5_000;

async function soonAborted(lost: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(CLOSES_WITHIN_MS);
  await once(lost, 'abort', { signal: limit }).catch(() => undefined);
}

const connectionGone = () =>
  Object.assign(new Error('The connection of this transaction is gone'), { code: 'CONNECTION_CLOSED' });
