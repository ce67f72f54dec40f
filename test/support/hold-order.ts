import postgres from 'postgres';
import { until } from './until.js';

export type Held = {
  /** Resolves once somebody waits to write the order. */
  awaited(): Promise<void>;
  release(): Promise<void>;
};

/** Holds an order's row as a slow writer does: readers and rows that refer to it go on, whoever would change it waits. */
export async function holdOrder(databaseUrl: string, orderNo: string): Promise<Held> {
  // The program's limit for such transactions is not the test's.
  const connection = { idle_in_transaction_session_timeout: 0 };
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined, connection });
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from orders where order_no = ${orderNo} for no key update`;
  const waiting = async (): Promise<boolean> => {
    const rows = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return rows.length > 0;
  };
  return {
    async awaited() {
      await until('a writer that waits for the order', waiting);
    },
    async release() {
      await holder`commit`;
      holder.release();
      await sql.end();
    },
  };
}
