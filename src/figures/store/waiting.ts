import { and, count, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { earliest, heapOf, sumOf } from '../../db/heap.js';
import { approvals, bulkOrders, bulks, merchantEvents, notifyInbox, orders, refunds } from '../../db/schema.js';
import { isUnfinishedNotify, isUnfinishedOrder, isUnsettledRefund } from '../../db/unfinished.js';
import { openDiscrepancies, recentDays, unfinishedDays, untoldDayEvents } from './days.js';
import { stuckTotals } from '../../orders/store/list.js';
import type { RefundTrouble } from '../../refunds/rules/states.js';

/*
 * Everything that still waits, of these merchants or of all, a row a group. What is over is counted when it ends: reading all
 * of it would cost ever more. Partial indexes hold only what waits.
 */

export type Figures = Awaited<ReturnType<typeof readFigures>>;

/** Each statement is cancelled after `timeoutMs`. */
export function readFigures(db: Db, timeoutMs: number) {
  return withTransaction(db, async (tx) => {
    await tx.execute(sql.raw(`set local statement_timeout = ${Math.ceil(timeoutMs)}`));
    return {
      waiting: await waitingOrders(tx),
      stuck: await stuckTotals(tx),
      refunds: await openRefunds(tx),
      troubledRefunds: await troubledRefunds(tx),
      approvals: await pendingApprovals(tx),
      events: await pendingEvents(tx),
      inbox: await unfinishedNotifies(tx),
      bulks: await openBulks(tx),
      days: await recentDays(tx),
      unfinishedDays: await unfinishedDays(tx),
      discrepancies: await openDiscrepancies(tx),
      untoldDayEvents: await untoldDayEvents(tx),
    };
  });
}

type Merchants = readonly Mchid[];

export async function waitingOrders(db: Db | Tx, mchids?: Merchants) {
  const { mchid, state, createdAt, expiresAt, amountFen } = orders;
  const columns = {
    ...heapOf(mchid, createdAt),
    state,
    firstDeadlineAt: earliest(expiresAt),
    sumFen: sumOf(amountFen),
  };
  return db
    .select(columns)
    .from(orders)
    .where(and(isOf(mchid, mchids), isUnfinishedOrder))
    .groupBy(mchid, state);
}

/** Their money is held. */
export async function openRefunds(db: Db | Tx, mchids?: Merchants) {
  const { mchid, state, createdAt, amountFen } = refunds;
  return db
    .select({ ...heapOf(mchid, createdAt), state, sumFen: sumOf(amountFen) })
    .from(refunds)
    .where(and(isOf(mchid, mchids), isUnsettledRefund))
    .groupBy(mchid, state);
}

/** Refunds that another person has to approve. */
export async function pendingApprovals(db: Db | Tx, mchids?: Merchants) {
  const { mchid, createdAt, status, amountFen } = approvals;
  return db
    .select({ ...heapOf(mchid, createdAt), sumFen: sumOf(amountFen) })
    .from(approvals)
    .where(and(isOf(mchid, mchids), sql`${status} = 'pending'`))
    .groupBy(mchid);
}

export async function troubledRefunds(db: Db | Tx) {
  const { mchid, createdAt, amountFen } = refunds;
  const trouble = sql<RefundTrouble>`${refunds.trouble}`;
  return db
    .select({ ...heapOf(mchid, createdAt), trouble, sumFen: sumOf(amountFen) })
    .from(refunds)
    .where(and(isUnsettledRefund, sql`${trouble} is not null`))
    .groupBy(mchid, refunds.trouble);
}

export async function pendingEvents(db: Db | Tx, mchids?: Merchants) {
  const { mchid, createdAt, status } = merchantEvents;
  return db
    .select(heapOf(mchid, createdAt))
    .from(merchantEvents)
    .where(and(isOf(mchid, mchids), sql`${status} = 'pending'`))
    .groupBy(mchid);
}

/** Notifies that no order took: of no order that is known, or not handed on yet. */
export async function unfinishedNotifies(db: Db | Tx, mchids?: Merchants) {
  const { mchid, kind, status, receivedAt } = notifyInbox;
  return db
    .select({ ...heapOf(mchid, receivedAt), kind, status })
    .from(notifyInbox)
    .where(and(isOf(mchid, mchids), isUnfinishedNotify))
    .groupBy(mchid, kind, status);
}

export async function openBulks(db: Db | Tx) {
  const left = db
    .select({ left: count().as('orders_left') })
    .from(bulkOrders)
    .where(and(eq(bulkOrders.bulkId, bulks.id), sql`${bulkOrders.finishedAt} is null`));
  const ordersLeft = sql<number>`coalesce(sum((${left})), 0)::int`;
  return db
    .select({ ...heapOf(bulks.mchid, bulks.createdAt), ordersLeft })
    .from(bulks)
    .where(sql`${bulks.finishedAt} is null`)
    .groupBy(bulks.mchid);
}

const isOf = (column: PgColumn, mchids: Merchants | undefined): SQL | undefined =>
  mchids && inArray(column, [...mchids]);
