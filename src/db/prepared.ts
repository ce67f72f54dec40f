import { sql, type Column, type SQL } from 'drizzle-orm';
import type { Db, Tx } from './connection.js';

/** A statement whose text is built once for a connection, not anew for each call: that takes longer than Postgres does. */
export function preparedOnce<Statement>(build: (db: Db | Tx) => Statement): (db: Db | Tx) => Statement {
  const built = new WeakMap<Db | Tx, Statement>();
  return (db) => {
    const statement = built.get(db) ?? build(db);
    built.set(db, statement);
    return statement;
  };
}

/** What each call gives such a statement under this name, as this column holds it. */
export function given(name: string, column: Column): SQL {
  const mapToDriverValue = (value: unknown) => (value === null ? null : column.mapToDriverValue(value));
  return sql`${sql.param(sql.placeholder(name), { mapToDriverValue })}`;
}

/** Of these columns, each under its own key. */
export function allGiven<Key extends string>(columns: Readonly<Record<Key, Column>>): Record<Key, SQL> {
  const entries = Object.entries<Column>(columns).map(([key, column]) => [key, given(key, column)] as const);
  return Object.fromEntries(entries) as Record<Key, SQL>;
}
