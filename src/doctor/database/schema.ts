import { listApiKeys } from '../../access/store/api-key.js';
import type { Mchid } from '../../base/ids.js';
import { connect, type Db } from '../../db/connection.js';
import { readMigrationState, tablesWithoutRights, type MigrationState, type ServerFacts } from '../../db/diagnosis.js';
import { DatabaseRefused } from '../../db/failure.js';
import { limitSessions, sessionLimits } from '../../db/migrate.js';
import { failed, ok, warning, type Finding } from '../check.js';

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
  return compared(state, migrate);
}

function compared({ applied, missing, foreign }: MigrationState, migrate: () => Promise<void>): Finding {
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

/** A session has its limits from its first moment, so a new one is looked at. */
export async function checkLimits(databaseUrl: string): Promise<Finding> {
  const { sql, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga-doctor' });
  try {
    const limits = Object.entries(await sessionLimits(sql));
    const seen = limits.map(([name, value]) => `${name} is ${value}`).join(', ');
    if (limits.every(([, value]) => value !== '0')) return ok(seen);
    const cure =
      'Run npm run migrate or doctor --fix as this role, or set both for it: alter role … in database … set …';
    return warning(seen, cure, () => limitFurtherSessions(databaseUrl));
  } finally {
    await close();
  }
}

async function limitFurtherSessions(databaseUrl: string): Promise<void> {
  const { sql, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga-doctor' });
  await limitSessions(sql).finally(close);
}

export async function checkRights(db: Db, facts: ServerFacts): Promise<Finding> {
  if (facts.isReadOnly) {
    return failed('the server takes no writes', 'Point DATABASE_URL at the primary, with a role that may write.');
  }
  const tables = await tablesWithoutRights(db);
  if (tables.length === 0) return ok('this role may read and write every table');
  return failed(
    `this role may not read and write ${tables.join(', ')}`,
    'Run npm run migrate where a table is missing, else grant this role select, insert and update on them.',
  );
}

/** Without a key of its own a shop cannot call, and without an operator's nobody can act. */
export async function checkApiKeys(db: Db, mchids: readonly Mchid[]): Promise<Finding> {
  const keys = (await listApiKeys(db)).filter(({ revokedAt }) => revokedAt === null);
  const has = (kind: string, mchid: Mchid): boolean =>
    keys.some((key) => key.kind === kind && key.mchids.includes(mchid));
  const shopless = mchids.filter((mchid) => !has('merchant', mchid));
  if (shopless.length > 0) {
    return warning(
      `no API key for ${shopless.join(', ')}`,
      `Make one with: paysaga keys create --mchid ${shopless[0] ?? ''}`,
    );
  }
  const unattended = mchids.filter((mchid) => !has('operator', mchid));
  if (unattended.length > 0) {
    return warning(
      `no operator's key for ${unattended.join(', ')}`,
      `Make one with: paysaga keys create --operator NAME --mchid ${unattended[0] ?? ''}`,
    );
  }
  return ok(`${keys.length} in force`);
}
