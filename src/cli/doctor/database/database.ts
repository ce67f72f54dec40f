import { connect, type Connection } from '../../../db/connection.js';
import type { ServerFacts } from '../../../db/diagnosis.js';
import { migrate } from '../../../db/migrate.js';
import type { Mchid } from '../../../base/ids.js';
import type { Checker, CheckResult } from '../checker.js';
import { failed, skipped, type Finding } from '../finding.js';
import { checkApiKeys } from './api-keys.js';
import { checkDatabaseClock } from './clock.js';
import { checkLimits } from './limits.js';
import { checkListening } from './listening.js';
import { checkMigrations } from './migrations.js';
import { databaseAt, reachDatabase } from './reachable.js';
import { checkRights } from './rights.js';
import { checkVersion } from './version.js';

type DatabaseDeps = { readonly check: Checker; readonly now: () => Date };
type One = (name: string, run: () => Finding | Promise<Finding>) => Promise<CheckResult>;

const NAMES = ['version', 'clock', 'migrations', 'limits', 'rights', 'LISTEN', 'API keys'] as const;

export async function checkDatabase(
  { check, now }: DatabaseDeps,
  databaseUrl: string,
  mchids: readonly Mchid[],
): Promise<CheckResult[]> {
  const one: One = (name, run) => check({ group: 'database', name, subject: 'database', run });
  const connection = open(databaseUrl);
  if (connection === undefined) return [await one('reachable', () => NO_URL), ...(await skipRest(one))];
  try {
    let facts: ServerFacts | undefined;
    let skewMs = 0;
    const reached = await one('reachable', async () => {
      const answer = await reachDatabase(connection.db, databaseAt(databaseUrl), now);
      ({ facts, skewMs } = answer);
      return answer.finding;
    });
    if (facts === undefined) return [reached, ...(await skipRest(one))];
    const rest = await checkRest(one, { connection, facts, databaseUrl, mchids, skewMs });
    return [reached, ...rest];
  } finally {
    await connection.close();
  }
}

const NO_URL = failed(
  'DATABASE_URL is not a connection URL',
  'Set DATABASE_URL to postgres://user:password@host:port/database, with special characters percent-encoded.',
);

/** Nothing is connected yet; the driver only reads the URL. */
function open(databaseUrl: string): Connection | undefined {
  try {
    return connect(databaseUrl, { max: 2, applicationName: 'paysaga-doctor' });
  } catch {
    return undefined;
  }
}

const skipRest = (one: One): Promise<CheckResult[]> =>
  Promise.all(NAMES.map((name) => one(name, () => skipped('Postgres cannot be asked'))));

type Subject = {
  readonly connection: Connection;
  readonly facts: ServerFacts;
  readonly skewMs: number;
  readonly databaseUrl: string;
  readonly mchids: readonly Mchid[];
};

async function checkRest(one: One, { connection, facts, ...subject }: Subject): Promise<CheckResult[]> {
  const { db } = connection;
  const server = await Promise.all([
    one('version', () => checkVersion(facts)),
    one('clock', () => checkDatabaseClock(subject.skewMs)),
    one('migrations', () => checkMigrations(db, () => migrate(subject.databaseUrl))),
  ]);
  // Tables are looked at once the migrations have made them.
  const tables = await Promise.all([
    one('limits', () => checkLimits(subject.databaseUrl)),
    one('rights', () => checkRights(db, facts)),
    one('LISTEN', () => checkListening(connection)),
    one('API keys', () => apiKeys(subject, connection)),
  ]);
  return [...server, ...tables];
}

async function apiKeys({ mchids }: Pick<Subject, 'mchids'>, { db }: Connection): Promise<Finding> {
  return checkApiKeys(db, mchids).catch(() => skipped('this role cannot read them'));
}
