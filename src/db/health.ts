import { sql } from 'drizzle-orm';
import type { Db } from './connection.js';
import { guarded } from './failure.js';

/** Resolves when Postgres answers; else throws `DatabaseUnavailable`. */
export async function ping(db: Db): Promise<void> {
  await guarded(() => db.execute(sql`select 1`));
}
