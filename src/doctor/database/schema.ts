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
  const limits = Object.entries(await inSession(databaseUrl, sessionLimits));
  const seen = limits.map(([name, value]) => `${name} is ${value}`).join(', ');
  if (limits.every(([, value]) => value !== '0')) return ok(seen);
  const cure = 'Run npm run migrate or doctor --fix as this role, or set both for it: alter role … in database … set …';
  return warning(seen, cure, () => inSession(databaseUrl, limitSessions));
}

function inSession<T>(databaseUrl: string, work: (db: Db) => Promise<T>): Promise<T> {
  const { db, close } = connect(databaseUrl, { max: 1, applicationName: 'paysaga-doctor' });
  return work(db).finally(close);
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

/** A shop calls with a key of its own, and only an operator's key can act. */
export async function checkApiKeys(db: Db, mchids: readonly Mchid[]): Promise<Finding> {
  const keys = (await listApiKeys(db)).filter(({ revokedAt }) => revokedAt === null);
  for (const [kind, name, option] of KINDS) {
    const without = mchids.filter((mchid) => !keys.some((key) => key.kind === kind && key.mchids.includes(mchid)));
    if (without.length > 0) {
      const cure = `Make one with: paysaga keys create ${option}--mchid ${without[0] ?? ''}`;
      return warning(`no ${name} for ${without.join(', ')}`, cure);
    }
  }
  return ok(`${keys.length} in force`);
}

const KINDS = [
  ['merchant', 'API key', ''],
  ['operator', "operator's key", '--operator NAME '],
] as const;
