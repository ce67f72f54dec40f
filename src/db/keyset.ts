import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { isStorable } from './columns.js';

/** Where a page of a list ended: the time of its last row, and what tells rows of one time apart. */
export type Keyset = { readonly at: Date; readonly id: string };

/** `order`: what the list is sorted by, where there are several: a cursor of one is none of another. */
export function encodeCursor({ at, id }: Keyset, order = ''): string {
  return Buffer.from(`${at.getTime()} ${id}${order && ` ${order}`}`).toString('base64url');
}

/** `undefined` for anything that {@link encodeCursor} did not make for this order. */
export function decodeCursor(cursor: string, isId: RegExp, order = ''): Keyset | undefined {
  const [ms = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const at = new Date(/^[0-9]{1,15}$/.test(ms) ? Number(ms) : NaN);
  const known = isId.test(id) && isStorable(at);
  return known && encodeCursor({ at, id }, order) === cursor ? { at, id } : undefined;
}

/** Rows that come after the cursor's. Compared as a pair, which an index on both columns can follow. */
export function isAfter(at: PgColumn, id: PgColumn, cursor: Keyset, isNewestFirst = true): SQL {
  const comparison = sql.raw(isNewestFirst ? '<' : '>');
  return sql`(${at}, ${id}) ${comparison} (${sql.param(cursor.at, at)}, ${sql.param(cursor.id, id)})`;
}

/** Rows of several pages in the order of the list. */
export function inOrder<Row>(rows: readonly Row[], keyOf: (row: Row) => Keyset, isNewestFirst = true): Row[] {
  const sign = isNewestFirst ? -1 : 1;
  return rows.toSorted((a, b) => sign * compareKeys(keyOf(a), keyOf(b)));
}

/** Below 0 where `a` is the older. */
export const compareKeys = (a: Keyset, b: Keyset): number =>
  a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : Number(a.id > b.id));

type PageOptions<Row, Item> = {
  readonly keyOf: (row: Row) => Keyset;
  readonly itemOf: (row: Row) => Item;
  readonly order?: string;
};

/** One row more than the page was read, to know whether there is another page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { keyOf, itemOf, order }: PageOptions<Row, Item>,
): { items: Item[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(itemOf), nextCursor: last === undefined ? null : encodeCursor(keyOf(last), order) };
}
