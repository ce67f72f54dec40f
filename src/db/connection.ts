import { once } from 'node:events';
import { sql, type ExtractTablesWithRelations } from 'drizzle-orm';
import { drizzle, type PostgresJsDatabase, type PostgresJsTransaction } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Sql, TransactionSql } from 'postgres';
import { MINUTE } from '../base/time.js';
import { guarded, isConnectionLost } from './failure.js';
import { createSessions, type Sessions } from './sessions.js';

type NoSchema = Record<string, never>;
export type Db = PostgresJsDatabase<NoSchema>;
export type Tx = PostgresJsTransaction<NoSchema, ExtractTablesWithRelations<NoSchema>>;
export type Connection = {
  readonly db: Db;
  /** The driver itself, with connections of its own: to listen, and for a statement where a lost connection does no harm. */
  readonly sql: Sql;
  readonly close: () => Promise<void>;
};

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
    // After an outage the next try of the driver's own pool is at most a second away.
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 1),
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: applicationName },
  });
  const sessions = createSessions(sql.options, { max, idleMs: MINUTE, lifeMs: 30 * MINUTE, greetedWithinMs: 5_000 });
  return {
    db: guardQueries(drizzle(pooled(sql, sessions))),
    sql,
    async close() {
      await Promise.all([sessions.close(), sql.end({ timeout: 5 })]);
    },
  };
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

type Scoped<T> = (scope: TransactionSql) => Promise<T>;

/** The driver as Drizzle should see it: what it asks for is done in a session of its own. */
function pooled(driver: Sql, sessions: Sessions): Sql {
  return new Proxy(driver, {
    get(target, property): unknown {
      if (property === 'unsafe') return statementsOf(sessions);
      if (property === 'begin') return transactionsOf(sessions);
      return Reflect.get(target, property);
    },
  });
}

type Statement = Parameters<Sql['unsafe']>;

/** Every statement is prepared, once a session: Drizzle names none by itself, which costs a round trip and a plan each time. */
const prepared = ([query, parameters, options]: Statement): Statement => [
  query,
  parameters,
  { ...options, prepare: true },
];

/** Sent a moment later, as the driver does: by then it is known in which shape the rows are wanted. */
const statementsOf =
  (sessions: Sessions) =>
  (...statement: Statement) => {
    let isRaw = false;
    const rows = sessions.use(async ({ client }) => {
      await Promise.resolve();
      const query = client.unsafe(...prepared(statement));
      return isRaw ? query.values() : query;
    });
    const values = () => {
      isRaw = true;
      return rows;
    };
    return Object.assign(rows, { values });
  };

const transactionsOf =
  (sessions: Sessions) =>
  <T>(run: Scoped<T>) =>
    sessions.use(({ client, lost }) => client.begin((scope) => unlessLost(lost, run(steady(scope, lost)))));

/**
 * A transaction that has failed for its caller sends nothing more: down the socket of a lost connection the driver's next
 * statement, rollback or commit throws outside every promise and ends the process.
 */
function steady(scope: TransactionSql, lost: AbortSignal): TransactionSql {
  return new Proxy(scope, {
    get(target, property): unknown {
      if (property === 'unsafe') return unsafeOf(target, lost);
      // Migrations ask for a transaction of whatever session they are given.
      if (property === 'savepoint' || property === 'begin') return savepointOf(target, lost);
      return Reflect.get(target, property);
    },
  });
}

const unsafeOf =
  (scope: TransactionSql, lost: AbortSignal) =>
  (...statement: Statement) => {
    if (lost.aborted) throw connectionGone();
    return scope.unsafe(...prepared(statement));
  };

const savepointOf =
  (scope: TransactionSql, lost: AbortSignal) =>
  <T>(run: Scoped<T>) =>
    scope.savepoint((inner) => unlessLost(lost, run(steady(inner, lost))));

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
