import { sql as raw } from 'drizzle-orm';
import type { Sql } from 'postgres';
import type { Db } from '../../db/connection.js';
import { guarded } from '../../db/failure.js';
import { sweeps } from '../../db/schema.js';

export async function recordSweep(db: Db, by: (typeof sweeps.$inferSelect)['by']): Promise<void> {
  const finishedAt = raw`now()`;
  await db
    .insert(sweeps)
    .values({ finishedAt, by })
    .onConflictDoUpdate({ target: sweeps.only, set: { finishedAt, by } });
}

/** True when no sweep has ended for three minutes. Where there never was one, the first is noted as if it had. */
export async function isSweepMissed(db: Db): Promise<boolean> {
  const [last] = await db
    .select({ missed: raw<boolean>`${sweeps.finishedAt} < now() - interval '3 minutes'` })
    .from(sweeps);
  if (last === undefined) await recordSweep(db, 'worker');
  return last?.missed === true;
}

/** Of all sweepers' workers one at a time; the others answer at once. A connection that is lost lets go of it. */
export async function withSweepLock(sql: Sql, run: () => Promise<void>): Promise<'done' | 'taken'> {
  const connection = await guarded(() => sql.reserve());
  try {
    const [lock] = await guarded(() => connection<{ ours: boolean }[]>`select pg_try_advisory_lock(${LOCK}) as ours`);
    if (lock?.ours !== true) return 'taken';
    try {
      await run();
    } finally {
      await guarded(() => connection`select pg_advisory_unlock(${LOCK})`);
    }
    return 'done';
  } finally {
    connection.release();
  }
}

/** The bytes of "sweep". */
const LOCK = 0x73_77_65_65_70;
