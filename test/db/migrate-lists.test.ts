import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import type { Sql } from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/db/connection.js';
import { migrate, MIGRATIONS_FOLDER } from '../../src/db/migrate.js';
import { findOrders } from '../../src/orders/store/find.js';
import { findRefunds } from '../../src/refunds/store/find.js';
import { opsRows } from '../ops/support/rows.js';
import { emptyDatabase, onDatabase } from '../support/services.js';
import { MCHID } from './fixtures.js';

/** The schema as it was before its nth migration. */
async function migrateUntil(sql: Sql, n: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
  const file = join(folder, 'meta/_journal.json');
  const journal = JSON.parse(await readFile(file, 'utf8')) as { entries: unknown[] };
  await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, n) }));
  await applyMigrations(drizzle(sql), { migrationsFolder: folder });
}

test('orders of before get the product and the appid of the attempt that made them paid, else of their first one', async () => {
  const database = await emptyDatabase();
  onTestFinished(() => database.drop());
  const paidAt = new Date('2026-03-01T10:00:00Z');
  await onDatabase(database.url, (sql) => migrateUntil(sql, 3));
  const numbers = await onDatabase(database.url, async (sql) => {
    const rows = opsRows(sql, MCHID);
    const other = await rows.waiting({ createdAt: paidAt });
    const second = await rows.waiting({ createdAt: paidAt });
    for (const number of [other, second])
      await sql`
        insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, transaction_id, paid_fen)
        values (${MCHID}, ${number}, ${`${number}*2`}, 2, 'h5', 'wx2', 'succeeded', ${`t-${number}`}, 1200)`;
    await sql`
      update orders set state = 'paid', paid_attempt = ${`${second}*2`}, paid_fen = 1200, paid_at = ${paidAt}
      where order_no = ${second}`;
    const refunded = await rows.paid({ paidAt, foundBy: 'notify' });
    await rows.refund(refunded, { createdAt: paidAt, state: 'succeeded' });
    return { other, second, refunded };
  });

  await migrate(database.url);

  const [orders, refunds] = await onDatabase(database.url, async (sql) => [
    await sql`select order_no, product, appid, version from orders order by order_no`,
    await sql`select booked_at from refunds`,
  ]);
  expect(orders).toEqual([
    { order_no: numbers.other, product: 'native', appid: 'wx', version: 1 },
    { order_no: numbers.second, product: 'h5', appid: 'wx2', version: 1 },
    { order_no: numbers.refunded, product: 'native', appid: 'wx', version: 1 },
  ]);
  expect(refunds).toEqual([{ booked_at: paidAt }]);
});

test('orders and refunds of before are found by words, as those of after', async () => {
  const database = await emptyDatabase();
  onTestFinished(() => database.drop());
  const at = new Date('2026-03-01T10:00:00Z');
  await onDatabase(database.url, (sql) => migrateUntil(sql, 21));
  const before = await onDatabase(database.url, async (sql) => {
    const rows = opsRows(sql, MCHID);
    const paid = await rows.paid({ paidAt: at, foundBy: 'notify' });
    return { paid, refund: await rows.refund(paid, { createdAt: at, state: 'succeeded' }) };
  });

  await migrate(database.url);

  const after = await onDatabase(database.url, (sql) => opsRows(sql, MCHID).paid({ paidAt: at, foundBy: 'notify' }));
  const { db, close } = connect(database.url);
  onTestFinished(close);
  const asked = { mchids: [MCHID], limit: 5 };
  const orders = await findOrders(db, { ...asked, q: 'tea' });
  expect(orders).toMatchObject({ items: [{ orderNo: after }, { orderNo: before.paid }], nextCursor: null });
  const refunds = await findRefunds(db, { ...asked, q: before.refund.slice(0, 8), time: 'created' });
  expect(refunds).toMatchObject({ items: [{ outRefundNo: before.refund }], nextCursor: null });
});
