import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

type Named = { readonly mchid: string; readonly orderNo: string };

/**
 * Rows of any of these orders, in one statement. Named one by one: of a list that comes as one value Postgres guesses the length, and
 * reads a table of 20,000 rows as a whole for it.
 */
export function isOfAny(
  columns: { readonly mchid: PgColumn; readonly orderNo: PgColumn },
  orders: readonly Named[],
): SQL {
  if (orders.length === 0) return sql`false`;
  const names = orders.map(({ mchid, orderNo }) => sql`(${mchid}, ${orderNo})`);
  return sql`(${columns.mchid}, ${columns.orderNo}) in (${sql.join(names, sql`, `)})`;
}

/** The rows of each order, in the order in which they came. */
export function perOrder<Row extends { readonly mchid: string; readonly orderNo: string | null }>(
  rows: readonly Row[],
): (order: Named) => readonly Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.mchid}/${row.orderNo ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return ({ mchid, orderNo }) => groups.get(`${mchid}/${orderNo}`) ?? [];
}
