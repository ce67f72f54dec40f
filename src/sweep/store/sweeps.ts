import { sql as raw } from 'drizzle-orm';
import { withTransaction, type Db } from '../../db/connection.js';
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

/**
 * Of all sweepers' workers one at a time; the others answer at once. The lock is a transaction's, which stands open while `run` does
 * its work elsewhere: a connection that is lost lets go of it, and shows at once.
 */
export function withSweepLock(db: Db, run: () => Promise<void>): Promise<'done' | 'taken'> {
  return withTransaction(db, async (tx) => {
    await tx.execute(raw`set local idle_in_transaction_session_timeout = 0`);
    const [lock] = await tx.execute<{ ours: boolean }>(raw`select pg_try_advisory_xact_lock(${LOCK}) as ours`);
    if (lock?.ours !== true) return 'taken';
    await run();
    return 'done';
  });
}

/** The bytes of "sweep". */
const LOCK = 0x73_77_65_65_70;
