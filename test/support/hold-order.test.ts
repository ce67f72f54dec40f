import { expect, test } from 'vitest';
import { DatabaseUnavailable } from '../../src/db/failure.js';
import { fileDatabase } from '../db/database.js';
import { holdOrder } from './hold-order.js';
import { until } from './until.js';

const database = fileDatabase();

const limitIdleTransactions = async (limit: string): Promise<void> => {
  const { sql } = database.connection;
  const [here] = await sql<{ name: string }[]>`select current_database() as name`;
  await sql.unsafe(
    `alter role current_user in database ${here?.name ?? ''} set idle_in_transaction_session_timeout = '${limit}'`,
  );
};

test('an order is held for longer than the limit of transactions that stand idle', async () => {
  const { orderNo } = await database.place();
  await limitIdleTransactions('100ms');
  const held = await holdOrder(database.url, orderNo);
  const writing = database.connection.sql`update orders set attach = 'later' where order_no = ${orderNo}`.execute();
  await held.awaited();
  const holders = () => database.connection.sql<{ isOverdue: boolean }[]>`
    select clock_timestamp() - state_change > interval '300 ms' as "isOverdue" from pg_stat_activity
    where datname = current_database() and state = 'idle in transaction'`;

  await until('the limit is over, and it is held', async () => (await holders())[0]?.isOverdue);

  await held.release();
  expect((await writing).count).toBe(1);
});

test('an order whose holder was cut off is known to be free: who waits for it fails at once', async () => {
  const { orderNo } = await database.place();
  const held = await holdOrder(database.url, orderNo);
  const waitingFails = expect(held.awaited()).rejects.toThrow(DatabaseUnavailable);
  await database.connection.sql`
    select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'holder'`;

  await waitingFails;
  await expect(held.release()).rejects.toThrow(DatabaseUnavailable);
});
