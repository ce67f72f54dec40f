import postgres from 'postgres';
import { expect, test } from 'vitest';
import { fileDatabase } from '../db/database.js';
import { holdWrites } from './hold-writes.js';
import { until } from './until.js';

const database = fileDatabase();

test('nothing is written by a client that died before it could, nor by the second try that waited behind its first', async () => {
  const { orderNo } = await database.place();
  const writes = await holdWrites(database.url);
  const held = await writes.hold({ table: 'orders', row: { attach: 'later' }, moment: 'before' });
  const client = postgres(database.url, { max: 2 });
  const tries = [1, 2].map(() =>
    client`update orders set attach = 'later' where order_no = ${orderNo}`.catch(() => undefined),
  );
  const { sql } = database.connection;
  await until('both tries wait', async () => {
    const waiting = await sql`
      select from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`;
    return waiting.length === 2;
  });
  expect(await held.isReached()).toBe(true);
  await client.end({ timeout: 0 });

  expect(await held.release()).toBe(false);
  await Promise.all(tries);
  await writes.close();
});
