import { count, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { mchidOf } from './stored-values.js';

/** Columns of a grouped query: whose the rows of a group are, how many, and when the oldest of them came. */
export const heapOf = <Time extends PgColumn>(mchid: PgColumn, at: Time) => ({
  mchid: sql`${mchid}`.mapWith(mchidOf),
  count: count(),
  oldestAt: earliest(at),
});

/** A group has rows, and so an earliest time. */
export const earliest = <Time extends PgColumn>(at: Time) => sql`min(${at})`.mapWith(at);

export const sumOf = (amount: PgColumn): SQL<number> => sql`coalesce(sum(${amount}), 0)`.mapWith(Number);
