import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { unionAll, type PgColumn } from 'drizzle-orm/pg-core';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { approvals, attempts, orders, refunds } from '../../db/schema.js';
import { mchidOf, orderNoOf } from '../../db/stored-values.js';

/** Whose number it is: ours but for `transaction` and `wechatRefund`, in the order in which they are answered. */
export const FOUND_NUMBERS = ['order', 'attempt', 'transaction', 'refund', 'wechatRefund'] as const;
export type FoundNumber = (typeof FOUND_NUMBERS)[number];

/**
 * The orders of these merchants that have this very number: their own, an attempt's, a transaction's, or a refund's at either side.
 * A first attempt's is its order's and answered as that; a refund's may be one that waits for an approval or was rejected. Each kind is looked up by its own index.
 */
export async function searchOrders(db: Db | Tx, mchids: readonly Mchid[], text: string) {
  if (mchids.length === 0 || !NUMBER.test(text)) return [];
  const is = (mchid: PgColumn, number: PgColumn) => and(inArray(mchid, [...mchids]), eq(number, text));
  const rows = await unionAll(
    db.select(hit('order', orders)).from(orders).where(is(orders.mchid, orders.orderNo)),
    db
      .select(hit('attempt', attempts))
      .from(attempts)
      .where(and(is(attempts.mchid, attempts.outTradeNo), ne(attempts.number, 1))),
    db.select(hit('transaction', attempts)).from(attempts).where(is(attempts.mchid, attempts.transactionId)),
    db.select(hit('refund', refunds)).from(refunds).where(is(refunds.mchid, refunds.outRefundNo)),
    db
      .select(hit('refund', approvals))
      .from(approvals)
      .where(and(is(approvals.mchid, approvals.outRefundNo), ne(approvals.status, 'approved'))),
    db.select(hit('wechatRefund', refunds)).from(refunds).where(is(refunds.mchid, refunds.refundId)),
  );
  return rows
    .map(({ found, mchid, orderNo }) => ({ found, mchid: mchidOf(mchid), orderNo: orderNoOf(orderNo), number: text }))
    .toSorted((a, b) => FOUND_NUMBERS.indexOf(a.found) - FOUND_NUMBERS.indexOf(b.found) || compare(a.mchid, b.mchid));
}

export type SearchHit = Awaited<ReturnType<typeof searchOrders>>[number];

const NUMBER = /^[^\p{Cc}\p{Surrogate}]{1,64}$/u;

const hit = <Mchid extends PgColumn, OrderNo extends PgColumn>(
  found: FoundNumber,
  { mchid, orderNo }: { readonly mchid: Mchid; readonly orderNo: OrderNo },
) => ({ found: sql<FoundNumber>`${found}::text`.as('found'), mchid, orderNo });

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
