import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { isStorable } from './columns.js';

/** Where a page of a list ended: the time of its last row, and what tells rows of one time apart. */
export type Keyset = { readonly at: Date; readonly id: string };

export function encodeCursor({ at, id }: Keyset): string {
  return Buffer.from(`${at.getTime()} ${id}`).toString('base64url');
}

/** `undefined` for anything that {@link encodeCursor} did not make. */
export function decodeCursor(cursor: string, isId: RegExp): Keyset | undefined {
  const [ms = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const at = new Date(/^[0-9]{1,15}$/.test(ms) ? Number(ms) : NaN);
  const known = rest.length === 0 && isId.test(id) && isStorable(at);
  return known && encodeCursor({ at, id }) === cursor ? { at, id } : undefined;
}

/** Rows that come after the cursor's. Compared as a pair, which an index on both columns can follow. */
export function isAfter(at: PgColumn, id: PgColumn, cursor: Keyset, isNewestFirst = true): SQL {
  const comparison = sql.raw(isNewestFirst ? '<' : '>');
  return sql`(${at}, ${id}) ${comparison} (${sql.param(cursor.at, at)}, ${sql.param(cursor.id, id)})`;
}

/** One row more than the page was read, to know whether there is another page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { keyOf, itemOf }: { readonly keyOf: (row: Row) => Keyset; readonly itemOf: (row: Row) => Item },
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(itemOf), nextCursor: last === undefined ? null : encodeCursor(keyOf(last)) };
}
