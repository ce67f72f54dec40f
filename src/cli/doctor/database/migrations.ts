import { DatabaseRefused } from '../../../db/failure.js';
import type { Db } from '../../../db/connection.js';
import { readMigrationState, type MigrationState } from '../../../db/diagnosis.js';
import { failed, ok, warning, type Finding } from '../finding.js';

export async function checkMigrations(db: Db, migrate: () => Promise<void>): Promise<Finding> {
  const state = await readMigrationState(db).catch((error: unknown) => {
    if (error instanceof DatabaseRefused) return undefined;
    throw error;
  });
  if (state === undefined) {
    return warning(
      'this role may not see which migrations were applied',
      'Run doctor as the owner of the schema, or grant this role usage on schema drizzle and select on its table.',
    );
  }
  return findingOf(state, migrate);
}

function findingOf({ applied, missing, foreign }: MigrationState, migrate: () => Promise<void>): Finding {
  if (missing === 0 && foreign === 0) return ok(`${applied} applied, as this build has them`);
  if (foreign === 0)
    return failed(`migrations that are missing: ${missing}`, 'Run npm run migrate, or --fix.', migrate);
  if (missing === 0) {
    return failed(
      `migrations that are newer than this build: ${foreign}`,
      'Run the build that brought them: this one is older than the schema.',
    );
  }
  return failed(
    `migrations that are missing: ${missing}, of another build: ${foreign}`,
    'Run the build that migrated this database, or restore a backup from before it did.',
  );
}
