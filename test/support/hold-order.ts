import { once } from 'node:events';
import { sql } from 'drizzle-orm';
import { connect, withTransaction, type Db } from '../../src/db/connection.js';
import { until } from './until.js';

export type Held = {
  /** Resolves once somebody waits to write the order; rejects when the order is held no longer. */
  awaited(): Promise<void>;
  /** Rejects when the connection that held the order was lost meanwhile. */
  release(): Promise<void>;
};

/** Holds an order's row as a slow writer does: readers and rows that refer to it go on, whoever would change it waits. */
export async function holdOrder(databaseUrl: string, orderNo: string): Promise<Held> {
  const { db, close } = connect(databaseUrl, { max: 2, applicationName: 'holder' });
  const letGo = new AbortController();
  let held: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    held = withTransaction(db, async (tx) => {
      // The program's limit for such transactions is not the test's.
      await tx.execute(sql`set local idle_in_transaction_session_timeout = 0`);
      await tx.execute(sql`select from orders where order_no = ${orderNo} for no key update`);
      resolve();
      await once(letGo.signal, 'abort');
    });
    held.catch(reject);
  });
  return {
    awaited: () =>
      Promise.race([held, until('a writer that waits for the order', () => isAnybodyWaiting(db))]).then(
        () => undefined,
      ),
    async release() {
      letGo.abort();
      await held.finally(close);
    },
  };
}

async function isAnybodyWaiting(db: Db): Promise<boolean> {
  const rows = await db.execute(sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
  return rows.length > 0;
}
