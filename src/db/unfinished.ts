import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { UNFINISHED_INBOX_STATUSES } from '../inbox/rules/notify.js';
import { UNFINISHED_ORDER_STATES } from '../orders/rules/states.js';
import { UNSETTLED_REFUND_STATES } from '../refunds/rules/states.js';
import { isAmong } from './columns.js';
import { notifyInbox, orders, refunds } from './schema.js';

// As they stand in the partial indexes: parameters would hide them from the planner.
export const isUnfinishedOrder = isAmong(orders.state, UNFINISHED_ORDER_STATES);
export const isUnsettledRefund = isAmong(refunds.state, UNSETTLED_REFUND_STATES);
export const isUnfinishedNotify = isAmong(notifyInbox.status, UNFINISHED_INBOX_STATUSES);

export const SWEPT_NOW = { sweptAt: sql`now()` };

type Claim = {
  readonly isDue: SQL | undefined;
  /** Rows that were swept equally long ago: the oldest comes first. */
  readonly since: PgColumn | SQL;
  readonly limit: number;
};

/**
 * The rows that an update to {@link SWEPT_NOW} takes. No sweeper is offered them again for a minute, by Postgres' clock, which all
 * share: so several share the work, and rows nobody can help leave room for the rest.
 */
export function claimed(table: PgTable & { readonly sweptAt: PgColumn }, key: PgColumn[], claim: Claim): SQL {
  const { isDue, since, limit } = claim;
  const { sweptAt } = table;
  const isFree = sql`(${sweptAt} is null or ${sweptAt} < now() - interval '1 minute')`;
  const order = sql`order by ${sweptAt} asc nulls first, ${since}`;
  return lockedFirst(table, key, sql`${isDue} and ${isFree} ${order} limit ${limit}`);
}

/** Locks what nobody else holds. Materialized: a plan that read it twice would take more than the limit. */
export function lockedFirst(table: PgTable, key: PgColumn[], condition: SQL): SQL {
  const columns = sql.join(key, sql`, `);
  return sql`(${columns}) in (
    with due as materialized (select ${columns} from ${table} where ${condition} for no key update skip locked)
    select * from due)`;
}
