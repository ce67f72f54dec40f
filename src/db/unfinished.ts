import { sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { UNFINISHED_INBOX_STATUSES } from '../inbox/rules/notify.js';
import { UNFINISHED_ORDER_STATES } from '../orders/rules/states.js';
import { UNSETTLED_REFUND_STATES } from '../refunds/rules/states.js';
import { isAmong } from './columns.js';
import { notifyInbox, orders, refunds } from './schema.js';

// As they stand in the partial indexes: parameters would hide them from the planner.
export const isUnfinishedOrder = isAmong(orders.state, UNFINISHED_ORDER_STATES);
export const isUnsettledRefund = isAmong(refunds.state, UNSETTLED_REFUND_STATES);
export const isUnfinishedNotify = isAmong(notifyInbox.status, UNFINISHED_INBOX_STATUSES);

/** Offered to no sweeper within the last minute, by Postgres' clock, which all of them share. */
export const isFree = (sweptAt: PgColumn): SQL => sql`(${sweptAt} is null or ${sweptAt} < now() - interval '1 minute')`;
