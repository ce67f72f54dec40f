import type { Mchid } from '../../base/ids.js';
import { connect, type Connection } from '../../db/connection.js';
import { hearsNotify, readServerFacts, type ServerFacts } from '../../db/diagnosis.js';
import { DatabaseUnavailable } from '../../db/failure.js';
import { migrate } from '../../db/migrate.js';
import {
  behind,
  checksOf,
  failed,
  ok,
  reaching,
  skipped,
  unreachable,
  warning,
  type CheckResult,
  type Finding,
  type Reached,
  type Rows,
} from '../check.js';
import type { Examination, Section } from '../examine.js';
import { checkApiKeys, checkLimits, checkMigrations, checkRights } from './schema.js';

export const databaseSection: Section = ({ installation: { databaseUrl }, merchants, ...examination }) =>
  databaseUrl === undefined ? [] : checkDatabase(examination, databaseUrl, [...merchants.keys()]);

export async function checkDatabase(
  { check, now }: Pick<Examination, 'check' | 'now'>,
  databaseUrl: string,
  mchids: readonly Mchid[],
): Promise<CheckResult[]> {
  const one = checksOf(check, 'database');
  const connection = open(databaseUrl);
  try {
    const { result, found } = await reaching(one, 'reachable', () => reachDatabase(connection, databaseUrl, now));
    const results = [result];
    // Tables are looked at once the migrations have made them.
    for (const rows of [SERVER, tables(mchids)]) {
      results.push(...(await behind(one, found, rows, 'Postgres cannot be asked')));
    }
    return results;
  } finally {
    await connection?.close();
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

type Server = {
  readonly connection: Connection;
  readonly databaseUrl: string;
  readonly facts: ServerFacts;
  /** Positive where this machine is ahead. */
  readonly skewMs: number;
};

const SERVER: Rows<Server> = [
  ['version', ({ facts }) => checkVersion(facts)],
  ['clock', ({ skewMs }) => checkDatabaseClock(skewMs)],
  ['migrations', ({ connection, databaseUrl }) => checkMigrations(connection.db, () => migrate(databaseUrl))],
];

const tables = (mchids: readonly Mchid[]): Rows<Server> => [
  ['limits', ({ databaseUrl }) => checkLimits(databaseUrl)],
  ['rights', ({ connection, facts }) => checkRights(connection.db, facts)],
  ['LISTEN', ({ connection }) => checkListening(connection)],
  [
    'API keys',
    ({ connection }) => checkApiKeys(connection.db, mchids).catch(() => skipped('this role cannot read them')),
  ],
];

async function reachDatabase(
  connection: Connection | undefined,
  databaseUrl: string,
  now: () => Date,
): Promise<Reached<Server>> {
  if (connection === undefined) return { finding: NO_URL };
  const where = databaseAt(databaseUrl);
  const before = now().getTime();
  try {
    const facts = await readServerFacts(connection.db);
    const skewMs = (before + now().getTime()) / 2 - facts.nowMs;
    const finding = ok(`Postgres ${facts.version} at ${where}`);
    return { found: { connection, databaseUrl, facts, skewMs }, finding };
  } catch (error) {
    return { finding: unavailable(error, where) };
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

/** Host, port and database: the rest of the URL holds the password. */
function databaseAt(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
}

const OLDEST = 15;

export function checkVersion({ versionNumber, version }: ServerFacts): Finding {
  if (Math.floor(versionNumber / 10_000) >= OLDEST) return ok(version);
  return failed(
    `Postgres ${version} is too old`,
    `Move the database to Postgres ${OLDEST} or newer; 17 is what is tried.`,
  );
}

const WARN_SECONDS = 5;

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
