import type { Db } from '../../../db/connection.js';
import { DatabaseUnavailable } from '../../../db/failure.js';

import { readServerFacts, type ServerFacts } from '../../../db/diagnosis.js';
import { failed, ok, unreachable, type Finding } from '../finding.js';

export type Reached = { readonly facts: ServerFacts | undefined; readonly skewMs: number; readonly finding: Finding };

/** `where` is host, port and database; never the whole URL, which holds the password. */
export async function reachDatabase(db: Db, where: string, now: () => Date): Promise<Reached> {
  const before = now().getTime();
  try {
    const facts = await readServerFacts(db);
    const skewMs = (before + now().getTime()) / 2 - facts.nowMs;
    return { facts, skewMs, finding: ok(`Postgres ${facts.version} at ${where}`) };
  } catch (error) {
    return { facts: undefined, skewMs: 0, finding: findingOf(error, where) };
  }
}

function findingOf(error: unknown, where: string): Finding {
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
export function databaseAt(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
}
