import { drizzle } from 'drizzle-orm/postgres-js';
import type { Sql } from 'postgres';
import { expect, it } from 'vitest';
import { mchid } from '../db/fixtures.js';
import { NOW, useTestApp } from '../http/support/test-app.js';
import { onDatabase } from '../support/services.js';
import { signedIn } from './support/operator.js';
import { opsRows } from './support/rows.js';

const test = useTestApp();
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

/** How many statements a page takes, by what it shows. */
async function statementsOf(path: string, shop: string): Promise<{ rows: number; statements: number }> {
  const sent: string[] = [];
  const db = drizzle(test.connection.sql, { logger: { logQuery: (query) => void sent.push(query) } });
  const { key } = await test.newKey('operator', [mchid(shop)], 'Li Lei');
  const operator = await signedIn(test, key, { connection: { ...test.connection, db } });
  sent.length = 0;
  const answer = await operator.get(path);
  const page = await answer.text();
  expect(answer.status, page).toBe(200);
  return { rows: [...page.matchAll(/data-order="/g)].length, statements: sent.length };
}

/** Of a merchant of their own: each with a notify's claim, a call, an event and a request. */
const stick = (count: number, shop: string) => (sql: Sql) => stuckRows(sql, count, shop).then(() => sql`analyze`);

async function stuckRows(sql: Sql, count: number, shop: string): Promise<void> {
  const rows = opsRows(sql, mchid(shop));
  for (let n = 0; n < count; n += 1) {
    const order = await rows.waiting({ createdAt: ago(200 - n), stuck: 'gateway_unreachable', since: ago(100 - n) });
    await rows.call(order, { at: ago(5), outcome: 'unknown' });
    await rows.event(order, ago(5));
    await sql`update attempts set gateway = '{"status":500,"code":"SYSTEM_ERROR","message":"x","detail":null}' where order_no = ${order}`;
  }
}

it.each(['/ops', '/ops/stuck', '/ops/stuck?reason=gateway_unreachable'])(
  '%s is as many statements for ten stuck orders as for one',
  async (path) => {
    const [one, ten] = path === '/ops' ? ['1900000041', '1900000042'] : ['1900000043', '1900000044'];
    if (path !== '/ops/stuck?reason=gateway_unreachable') {
      await onDatabase(test.databaseUrl, stick(1, one));
      await onDatabase(test.databaseUrl, stick(10, ten));
    }

    const [few, many] = [await statementsOf(path, one), await statementsOf(path, ten)];
    expect([few.rows, many.rows]).toEqual([1, 10]);
    expect(many.statements).toBe(few.statements);
  },
);
