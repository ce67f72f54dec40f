import { getTableColumns, getTableName, sql, type Column, type SQL } from 'drizzle-orm';
import { bigint, check, customType, timestamp, type CheckBuilder, type PgColumn } from 'drizzle-orm/pg-core';

/** Compares byte by byte: neither a locale nor an upgrade of the C library reorders an index or a keyset page. */
export const identity = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });

/** Milliseconds, as a `Date` holds them: what is written is what is read, and a cursor hits its row. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });

/** Years 1 to 9999: others are written with a sign or as year 0, which Postgres does not read. */
export const isStorable = (at: Date): boolean =>
  /^(?!0000)[0-9]{4}-/.test(Number.isNaN(at.getTime()) ? '' : at.toISOString());

/** Money; always with {@link fenCheck}, which makes reading it as a number exact. */
export const fen = (name: string) => bigint(name, { mode: 'number' });

export function fenCheck(table: string, column: PgColumn, least = 0): CheckBuilder {
  const bounds = sql.raw(`between ${least} and ${Number.MAX_SAFE_INTEGER}`);
  return check(`${table}_${column.name}_range`, sql`${column} ${bounds}`);
}

/** For each column with a list of words, that it holds no other. */
export function wordChecks(columns: Readonly<Record<string, PgColumn>>): CheckBuilder[] {
  return Object.entries(columns).flatMap(([key, { table }]) => {
    const column = getTableColumns(table)[key];
    if (column?.enumValues === undefined) return [];
    return [check(`${getTableName(table)}_${column.name}_known`, isAmong(column, column.enumValues))];
  });
}

/** Words as SQL literals, for checks and the conditions of partial indexes, which take no parameters. */
export function literals(words: readonly string[]): SQL {
  return sql.raw(words.map((word) => `'${word.replaceAll("'", "''")}'`).join(', '));
}

// Conditions of partial indexes.
export const isSet = (column: PgColumn): SQL => sql`${column} is not null`;
export const isUnset = (column: PgColumn): SQL => sql`${column} is null`;
export const is = (column: PgColumn, word: string): SQL => sql`${column} = ${literals([word])}`;
export const isAmong = (column: Column, words: readonly string[]): SQL => sql`${column} in (${literals(words)})`;
