import { and, count, eq, min, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { bulkOrders, bulks, evidence, merchantEvents, notifyInbox, orders, refunds } from '../../db/schema.js';
import { mchidOf } from '../../db/stored-values.js';
import { isUnfinishedNotify, isUnfinishedOrder, isUnsettledRefund } from '../../db/unfinished.js';
import type { InboxKind, InboxStatus } from '../../inbox/rules/notify.js';
import type { OrderStateName, StuckReason } from '../../orders/rules/states.js';
import type { RefundStateName, RefundTrouble } from '../../refunds/rules/states.js';
import { countGatewayCalls } from '../../orders/store/gateway-call.js';
import { sumAtRisk, sumWaiting } from '../../orders/store/list.js';
import type { OrderRef } from '../../orders/store/order.js';

type Heap = { readonly mchid: Mchid; readonly count: number; readonly oldestAt: Date };

/** Everything that still waits. What is over is counted when it ends: reading all of it would cost ever more. */
export type Figures = {
  readonly waiting: readonly (Heap & { readonly state: OrderStateName; readonly firstDeadlineAt: Date })[];
  readonly stuck: readonly (Heap & {
    readonly reason: StuckReason;
    readonly atRiskFen: number;
    readonly waitingFen: number;
  })[];
  readonly refunds: readonly (Heap & { readonly state: RefundStateName; readonly sumFen: number })[];
  readonly troubledRefunds: readonly (Heap & { readonly trouble: RefundTrouble; readonly sumFen: number })[];
  readonly events: readonly Heap[];
  readonly inbox: readonly (Heap & { readonly kind: InboxKind; readonly status: InboxStatus })[];
  readonly bulks: readonly (Heap & { readonly ordersLeft: number })[];
};

/** Partial indexes hold only what waits; each statement is cancelled after `timeoutMs`. */
export function readFigures(db: Db, timeoutMs: number): Promise<Figures> {
  return withTransaction(db, async (tx): Promise<Figures> => {
    await tx.execute(sql.raw(`set local statement_timeout = ${Math.ceil(timeoutMs)}`));
    return {
      waiting: await waitingOrders(tx),
      stuck: await stuckOrders(tx),
      refunds: await openRefunds(tx),
      troubledRefunds: await troubledRefunds(tx),
      events: await pendingEventCounts(tx),
      inbox: await unfinishedNotifies(tx),
      bulks: await openBulks(tx),
    };
  });
}

export async function waitingOrders(db: Db | Tx): Promise<Figures['waiting']> {
  const { mchid, state } = orders;
  const columns = {
    mchid,
    state,
    count: count(),
    oldestAt: min(orders.createdAt),
    firstDeadlineAt: min(orders.expiresAt),
  };
  const rows = await db.select(columns).from(orders).where(isUnfinishedOrder).groupBy(mchid, state);
  return rows.flatMap(({ firstDeadlineAt, ...row }) =>
    firstDeadlineAt === null ? [] : heaps([{ ...row, firstDeadlineAt }]),
  );
}

export async function stuckOrders(db: Db | Tx): Promise<Figures['stuck']> {
  const { mchid, stuckReason: reason, stuckSince } = orders;
  const money = { atRiskFen: sumAtRisk(), waitingFen: sumWaiting() };
  const columns = { mchid, reason, count: count(), oldestAt: min(stuckSince), ...money };
  const rows = await db
    .select(columns)
    .from(orders)
    .where(sql`${reason} is not null`)
    .groupBy(mchid, reason);
  return heaps(rows.flatMap((row) => (row.reason === null ? [] : [{ ...row, reason: row.reason }])));
}

export async function openRefunds(db: Db | Tx): Promise<Figures['refunds']> {
  const { mchid, state, createdAt, amountFen } = refunds;
  const columns = { mchid, state, count: count(), oldestAt: min(createdAt), sumFen: fenSum(amountFen) };
  return heaps(await db.select(columns).from(refunds).where(isUnsettledRefund).groupBy(mchid, state));
}

export async function troubledRefunds(db: Db | Tx): Promise<Figures['troubledRefunds']> {
  const { mchid, trouble, createdAt, amountFen } = refunds;
  const columns = { mchid, trouble, count: count(), oldestAt: min(createdAt), sumFen: fenSum(amountFen) };
  const inTrouble = and(isUnsettledRefund, sql`${trouble} is not null`);
  const rows = await db.select(columns).from(refunds).where(inTrouble).groupBy(mchid, trouble);
  return heaps(rows.flatMap((row) => (row.trouble === null ? [] : [{ ...row, trouble: row.trouble }])));
}

export async function pendingEventCounts(db: Db | Tx): Promise<Figures['events']> {
  const { mchid, createdAt } = merchantEvents;
  const pending = sql`${merchantEvents.status} = 'pending'`;
  const columns = { mchid, count: count(), oldestAt: min(createdAt) };
  return heaps(await db.select(columns).from(merchantEvents).where(pending).groupBy(mchid));
}

export async function unfinishedNotifies(db: Db | Tx): Promise<Figures['inbox']> {
  const { mchid, kind, status, receivedAt } = notifyInbox;
  const columns = { mchid, kind, status, count: count(), oldestAt: min(receivedAt) };
  return heaps(await db.select(columns).from(notifyInbox).where(isUnfinishedNotify).groupBy(mchid, kind, status));
}

export async function openBulks(db: Db | Tx): Promise<Figures['bulks']> {
  const left = db
    .select({ left: count().as('orders_left') })
    .from(bulkOrders)
    .where(and(eq(bulkOrders.bulkId, bulks.id), sql`${bulkOrders.finishedAt} is null`));
  const ordersLeft = sql<number>`coalesce(sum((${left})), 0)::int`;
  const columns = { mchid: bulks.mchid, count: count(), oldestAt: min(bulks.createdAt), ordersLeft };
  const open = sql`${bulks.finishedAt} is null`;
  return heaps(await db.select(columns).from(bulks).where(open).groupBy(bulks.mchid));
}

export async function paidFacts(
  db: Db | Tx,
  { mchid, orderNo }: OrderRef,
): Promise<{ notifiedAt: Date | null; queries: number }> {
  const ofOrder = and(eq(evidence.mchid, mchid), eq(evidence.orderNo, orderNo));
  const [notify] = await db
    .select({ at: min(evidence.at) })
    .from(evidence)
    .where(and(ofOrder, eq(evidence.source, 'notify')));
  const queries = await countGatewayCalls(db, { mchid, orderNo }, 'query');
  return { notifiedAt: notify?.at ?? null, queries };
}

const fenSum = (column: PgColumn) => sql<number>`sum(${column})`.mapWith(Number);

/** With ids as the domain has them. A group has an oldest row. */
function heaps<Row extends { readonly mchid: string; readonly oldestAt: Date | null }>(rows: readonly Row[]) {
  return rows.flatMap(({ mchid, oldestAt, ...row }) =>
    oldestAt === null ? [] : [{ ...row, mchid: mchidOf(mchid), oldestAt }],
  );
}
