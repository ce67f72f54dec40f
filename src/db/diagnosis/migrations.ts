import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type { Db } from '../connection.js';
import { guarded } from '../failure.js';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

export type MigrationState = {
  readonly applied: number;
  /** Of this build, and not applied. */
  readonly missing: number;
  /** Applied, and unknown to this build. */
  readonly foreign: number;
};

/** Compares what was applied with what this build brings. */
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
  const [table] = await guarded(() =>
    db.execute<{ is_there: boolean }>(sql`select to_regclass('drizzle.__drizzle_migrations') is not null as is_there`),
  );
  if (table?.is_there !== true) return [];
  const rows = await guarded(() => db.execute<{ hash: string }>(sql`select hash from drizzle.__drizzle_migrations`));
  return rows.map(({ hash }) => hash);
}
