import type { Mchid } from '../../base/ids.js';
import { connect, type Connection, type Db } from '../../db/connection.js';
import { hearsNotify, readServerFacts, type ServerFacts } from '../../db/diagnosis.js';
import { DatabaseUnavailable } from '../../db/failure.js';
import { migrate } from '../../db/migrate.js';
import {
  checksOf,
  failed,
  ok,
  skipped,
  unreachable,
  warning,
  type Checker,
  type CheckResult,
  type Finding,
} from '../check.js';
import type { Section } from '../examine.js';
import { checkApiKeys, checkLimits, checkMigrations, checkRights } from './schema.js';

/** Postgres, where something names one. */
export const databaseSection: Section = ({ installation: { databaseUrl }, merchants, ...examination }) =>
  databaseUrl === undefined ? [] : checkDatabase(examination, databaseUrl, [...merchants.keys()]);

type DatabaseDeps = { readonly check: Checker; readonly now: () => Date };
type One = ReturnType<typeof checksOf>;

const NAMES = ['version', 'clock', 'migrations', 'limits', 'rights', 'LISTEN', 'API keys'] as const;

export async function checkDatabase(
  { check, now }: DatabaseDeps,
  databaseUrl: string,
  mchids: readonly Mchid[],
): Promise<CheckResult[]> {
  const one = checksOf(check, 'database');
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
    one('API keys', () => checkApiKeys(db, subject.mchids).catch(() => skipped('this role cannot read them'))),
  ]);
  return [...server, ...tables];
}

type Reached = { readonly facts: ServerFacts | undefined; readonly skewMs: number; readonly finding: Finding };

/** `where` is host, port and database; never the whole URL, which holds the password. */
async function reachDatabase(db: Db, where: string, now: () => Date): Promise<Reached> {
  const before = now().getTime();
  try {
    const facts = await readServerFacts(db);
    const skewMs = (before + now().getTime()) / 2 - facts.nowMs;
    return { facts, skewMs, finding: ok(`Postgres ${facts.version} at ${where}`) };
  } catch (error) {
    return { facts: undefined, skewMs: 0, finding: unavailable(error, where) };
  }
}

function unavailable(error: unknown, where: string): Finding {
  if (!(error instanceof DatabaseUnavailable)) throw error;
  const { reason, said } = error;
  if (reason === '3D000') {
    return failed(`there is no such database at ${where}`, 'Create the database, or correct its name in DATABASE_URL.');
  }
  if (!reason.startsWith('28')) {
    return unreachable(
      said === undefined ? `${where} does not answer (${reason})` : `${where} says no (${reason}: ${said})`,
      'Start Postgres, or correct host and port in DATABASE_URL; a full server (53300) needs more max_connections.',
    );
  }
  return failed(`${where} refuses this role (${reason})`, 'Correct user and password in DATABASE_URL, or pg_hba.conf.');
}

/** What of a connection URL may be shown. */
function databaseAt(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
}

/** The oldest major version PaySaga runs on. */
const OLDEST = 15;

export function checkVersion({ versionNumber, version }: ServerFacts): Finding {
  if (Math.floor(versionNumber / 10_000) >= OLDEST) return ok(version);
  return failed(
    `Postgres ${version} is too old`,
    `Move the database to Postgres ${OLDEST} or newer; 17 is what is tried.`,
  );
}

const WARN_SECONDS = 5;

/** `skewMs` is positive where this machine is ahead. */
function checkDatabaseClock(skewMs: number): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const seen = `this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} Postgres`;
  if (seconds <= WARN_SECONDS) return ok(seen);
  return warning(seen, 'Set the clocks of both machines by NTP: deadlines are compared with times of either.');
}

export async function checkListening({ sql }: Connection, withinMs = 5_000): Promise<Finding> {
  if (await hearsNotify(sql, withinMs)) return ok('what one connection notifies another hears');
  return failed(
    'LISTEN hears nothing, so streams and checkout pages do not move',
    'Connect directly, or through a pooler that keeps a session to itself (PgBouncer: pool_mode = session).',
  );
}
