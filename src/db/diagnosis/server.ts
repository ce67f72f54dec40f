import { sql } from 'drizzle-orm';
import type { Db } from '../connection.js';
import { guarded } from '../failure.js';

export type ServerFacts = {
  /** As `server_version_num`: 170004 is 17.4. */
  readonly versionNumber: number;
  readonly version: string;
  /** A standby, or a role whose transactions may not write. */
  readonly isReadOnly: boolean;
  /** Milliseconds since 1970 by its own clock. */
  readonly nowMs: number;
};

type Row = { version_number: string; version: string; is_read_only: boolean; now_ms: string };

/** Throws what `guarded` makes of the driver's errors. */
export async function readServerFacts(db: Db): Promise<ServerFacts> {
  const [row] = await guarded(() =>
    db.execute<Row>(sql`
      select current_setting('server_version_num') as version_number,
             current_setting('server_version') as version,
             pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as is_read_only,
             extract(epoch from clock_timestamp()) * 1000 as now_ms`),
  );
  if (row === undefined) throw new Error('Postgres answered a select without a row');
  return {
    versionNumber: Number(row.version_number),
    version: row.version,
    isReadOnly: row.is_read_only,
    nowMs: Number(row.now_ms),
  };
}
