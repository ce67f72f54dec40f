import { getTableColumns, is, SQL, sql, type SQLWrapper } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/**
 * `insert … select`: the same row for each row of `source`, so that a part of a statement writes only where one before it did. Columns
 * without a value have their default.
 */
export function insertFrom<Table extends PgTable>(
  table: Table,
  values: { readonly [Key in keyof Table['$inferInsert']]: Table['$inferInsert'][Key] | SQL },
  source: SQLWrapper,
): SQL {
  const given = Object.entries(getTableColumns(table)).flatMap(([key, column]) => {
    const value: unknown = Reflect.get(values, key);
    return value === undefined || value === null
      ? []
      : [{ column, value: is(value, SQL) ? value : sql.param(value, column) }];
  });
  const columns = given.map(({ column }) => sql`${sql.identifier(column.name)}`);
  const selected = given.map(({ column, value }) => sql`${value}::${sql.raw(column.getSQLType())}`);
  return sql`insert into ${table} (${listed(columns)}) select ${listed(selected)} from ${source}`;
}

/** Columns as they are called within a statement that names their table once. */
export const namesOf = (columns: Readonly<Record<string, { readonly name: string }>>): SQL =>
  listed(Object.values(columns).map(({ name }) => sql`${sql.identifier(name)}`));

const listed = (parts: SQL[]): SQL => sql.join(parts, sql`, `);
