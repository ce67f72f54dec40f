import { DrizzleQueryError } from 'drizzle-orm';
import postgres from 'postgres';

/**
 * Postgres cannot be reached or cannot serve now; the caller repeats. `reason` is a code, `said` what Postgres or a pooler said when
 * it refused or ended the session; neither ever holds a value of a row.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly code = 'database_unavailable';
  readonly reason: string;
  readonly said: string | undefined;

  constructor(reason: string, said?: string) {
    super(`Postgres is not available (${said === undefined ? reason : `${reason}: ${said}`})`);
    this.reason = reason;
    this.said = said;
  }
}

/** Postgres refused a statement: a broken invariant. Names the rule; the values stay in the database. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
  readonly code = 'database_refused';
  readonly sqlState: string;
  readonly constraint: string | null;

  constructor(sqlState: string, constraint: string | null) {
    super(`Postgres refused a statement (${sqlState}${constraint === null ? '' : `, ${constraint}`})`);
    this.sqlState = sqlState;
    this.constraint = constraint;
  }
}

const TRANSITION_RULES: Readonly<Record<string, TransitionRule>> = {
  PS001: 'state',
  PS002: 'version',
  PS003: 'terms',
  PS004: 'money',
  PS005: 'audit',
};

export type TransitionRule = 'state' | 'version' | 'terms' | 'money' | 'audit';

/** A trigger refused what the domain does not allow: a move outside the table, a change of what is settled, or of what people did. */
export class TransitionRefused extends Error {
  override readonly name = 'TransitionRefused';
  readonly code = 'transition_refused';
  readonly rule: TransitionRule;

  constructor(rule: TransitionRule) {
    super(`Postgres refused a change that the order's rules forbid (${rule})`);
    this.rule = rule;
  }
}

/** True when the same call may succeed later without a change: no connection, a restart, no resources, a timeout. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable || endsSession(rootOf(error))) return true;
  const code = databaseCode(error);
  return code !== undefined && UNAVAILABLE.test(code);
}

/** True when Postgres said no to what was to be written: the same again is refused again, until a person changes something. */
export const isRefused = (error: unknown): error is DatabaseRefused | TransitionRefused =>
  error instanceof DatabaseRefused || error instanceof TransitionRefused;

/** True when the connection itself is gone or about to be closed by Postgres. */
export function isConnectionLost(error: unknown): boolean {
  const code = error instanceof DatabaseUnavailable ? error.reason : databaseCode(error);
  return code !== undefined && LOST.test(code);
}

/**
 * Runs queries and throws what callers may log: drivers' errors quote parameters and rows, and those hold openids and
 * prepay bodies. What is not the database's error passes unchanged.
 */
export async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw withoutRows(error);
  }
}

function withoutRows(error: unknown): unknown {
  const code = databaseCode(error);
  if (code === undefined) return error;
  const root = rootOf(error);
  if (endsSession(root)) return new DatabaseUnavailable(code, root.message);
  if (UNAVAILABLE.test(code)) return new DatabaseUnavailable(code);
  const rule = TRANSITION_RULES[code];
  if (rule !== undefined) return new TransitionRefused(rule);
  return new DatabaseRefused(code, root instanceof postgres.PostgresError ? (root.constraint_name ?? null) : null);
}

/** The SQLSTATE, or the word of the driver or of the system for a lost connection; `undefined` for any other error. */
function databaseCode(error: unknown): string | undefined {
  const root = rootOf(error);
  const code = root instanceof Error && 'code' in root && typeof root.code === 'string' ? root.code : undefined;
  if (code !== undefined && (root instanceof postgres.PostgresError || UNAVAILABLE.test(code))) return code;
  return error instanceof DrizzleQueryError ? NEVER_SENT : undefined;
}

/** A session that is refused or ended, not a statement: a wrong password, no such database, a setting that a pooler does not take. */
const endsSession = (error: unknown): error is postgres.PostgresError =>
  error instanceof postgres.PostgresError && ['FATAL', 'PANIC'].includes(error.severity);

const rootOf = (error: unknown): unknown => (error instanceof DrizzleQueryError ? error.cause : error);

/** The driver could not even encode the parameters. */
const NEVER_SENT = 'never_sent';

/** Connection exceptions, shutdown, a session's own timeouts; then the driver's and the system's own words. */
const LOST = /^(08\w{3}|57P0\d|25P0[34]|CONNECTION_[A-Z]+|E(CONN[A-Z]+|PIPE|TIMEDOUT))$/;

/** Also: insufficient resources, cancelled by timeout, lock not available, serialisation, deadlock, a standby after failover. */
const UNAVAILABLE =
  /^(08\w{3}|53\w{3}|57P0\d|57014|55P03|40001|40P01|25006|25P0[34]|CONNECT_TIMEOUT|CONNECTION_[A-Z]+|E(CONN[A-Z]+|PIPE|NOTFOUND|AI_AGAIN|TIMEDOUT|(HOST|NET)UNREACH))$/;
