import { randomBytes } from 'node:crypto';
import { getTableName, sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Sql } from 'postgres';
import { within } from '../base/within.js';
import type { Db } from './connection.js';
import { guarded } from './failure.js';
import { MIGRATIONS_FOLDER } from './migrate.js';
import {
  apiKeys,
  approvals,
  attempts,
  billLines,
  bills,
  bulkOrders,
  bulks,
  deliveries,
  discrepancies,
  evidence,
  gatewayCalls,
  merchantEvents,
  notifyInbox,
  operatorActions,
  orders,
  reconciliationPool,
  reconciliations,
  reconciliationSums,
  refunds,
  searchTerms,
  searchTexts,
  sweeps,
  timeline,
} from './schema.js';

export type ServerFacts = {
  /** As `server_version_num`: 170004 is 17.4. */
  readonly versionNumber: number;
  readonly version: string;
  /** A standby, or a role whose transactions may not write. */
  readonly isReadOnly: boolean;
  readonly nowMs: number;
};

export async function readServerFacts(db: Db): Promise<ServerFacts> {
  const [facts] = await db.execute<ServerFacts>(sql`
    select current_setting('server_version_num')::int as "versionNumber",
           current_setting('server_version') as version,
           pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "isReadOnly",
           (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`);
  if (facts === undefined) throw new Error('Postgres answered a select without a row');
  return facts;
}

export type MigrationState = {
  readonly applied: number;
  /** Of this build, and not applied. */
  readonly missing: number;
  /** Applied, and unknown to this build. */
  readonly foreign: number;
};

export async function readMigrationState(db: Db): Promise<MigrationState> {
  const known = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER }).map(({ hash }) => hash);
  const applied = await appliedHashes(db);
  return {
    applied: applied.length,
    missing: known.filter((hash) => !applied.includes(hash)).length,
    foreign: applied.filter((hash) => !known.includes(hash)).length,
  };
}

async function appliedHashes(db: Db): Promise<string[]> {
  const [table] = await db.execute<{ is_there: boolean }>(
    sql`select to_regclass('drizzle.__drizzle_migrations') is not null as is_there`,
  );
  if (table?.is_there !== true) return [];
  const rows = await db.execute<{ hash: string }>(sql`select hash from drizzle.__drizzle_migrations`);
  return rows.map(({ hash }) => hash);
}

/** What ingress and worker write at run time; the rest they only add to. */
const CHANGED = [
  orders,
  attempts,
  refunds,
  merchantEvents,
  notifyInbox,
  operatorActions,
  approvals,
  bulks,
  bulkOrders,
  reconciliations,
  bills,
  billLines,
  reconciliationSums,
  reconciliationPool,
  discrepancies,
  sweeps,
  apiKeys,
  searchTexts,
].map(getTableName);

const ADDED = [evidence, deliveries, gatewayCalls, timeline, searchTerms].map(getTableName);

/** Tables that this role cannot find, read, add to or change as PaySaga has to. */
export async function tablesWithoutRights(db: Db): Promise<readonly string[]> {
  const [changed, added] = [await lacking(db, CHANGED, true), await lacking(db, ADDED, false)];
  return [...changed, ...added];
}

async function lacking(db: Db, tables: readonly string[], isChanged: boolean): Promise<readonly string[]> {
  const names = sql.join(
    tables.map((table) => sql`${table}::text`),
    sql`, `,
  );
  const rows = await db.execute<{ name: string }>(sql`
    select name from unnest(array[${names}]) as name
     where to_regclass(name) is null
        or not has_table_privilege(to_regclass(name), 'select')
        or not has_table_privilege(to_regclass(name), 'insert')
        or (${isChanged} and not has_table_privilege(to_regclass(name), 'update'))
     order by name`);
  return rows.map(({ name }) => name);
}

/** Whether what one connection notifies is heard by another within `timeoutMs`: not through a pooler that shares sessions. */
export async function hearsNotify(sql: Sql, timeoutMs: number): Promise<boolean> {
  const channel = `paysaga_doctor_${randomBytes(6).toString('hex')}`;
  let heard: (isHeard: true) => void = () => undefined;
  const hearing = new Promise<true>((resolve) => (heard = resolve));
  const subscription = await guarded(() => sql.listen(channel, () => heard(true)));
  try {
    await guarded(() => sql.notify(channel, ''));
    return await within(timeoutMs, hearing, false);
  } finally {
    await subscription.unlisten();
  }
}
