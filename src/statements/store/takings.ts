import { and, count, eq, gte, lt, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Mchid } from '../../base/ids.js';
import { is, isAmong } from '../../db/columns.js';
import type { Db, Tx } from '../../db/connection.js';
import { sumOf } from '../../db/heap.js';
import { attempts, orders, refunds } from '../../db/schema.js';
import { isRefundOfAttempt } from '../../orders/store/record.js';
import { ACCEPTED_REFUND_STATES, isReleased } from '../../refunds/rules/states.js';
import type { Movement } from '../rules/statement.js';

type Span = { readonly mchid: Mchid; readonly from: Date; readonly to: Date };
type By = 'day' | 'product' | 'appid';

/** What moved from `from` on and before `to`, by Beijing's day, or by the product or appid of the attempt whose money it is. */
export async function takings(db: Db | Tx, span: Span, by: By): Promise<Movement[]> {
  return (await Promise.all([paid(db, span, by), refunded(db, span, by)])).flat();
}

/** By WeChat Pay's time of success. */
async function paid(db: Db | Tx, { mchid, from, to }: Span, by: By): Promise<Movement[]> {
  const group = by === 'day' ? dayOf(orders.paidAt) : orders[by];
  const rows = await db
    .select({ group: nameOf(group, by), count: count(), sumFen: sumOf(orders.paidFen) })
    .from(orders)
    .where(and(eq(orders.mchid, mchid), is(orders.state, 'paid'), gte(orders.paidAt, from), lt(orders.paidAt, to)))
    .groupBy(group);
  return rows.map((row) => ({ kind: 'paid', ...row }));
}

/** By the time at which WeChat Pay accepted them. Those that came to nothing gave nothing back. */
async function refunded(db: Db | Tx, { mchid, from, to }: Span, by: By): Promise<Movement[]> {
  const group = by === 'day' ? dayOf(refunds.bookedAt) : attempts[by];
  const isOfPaid = sql<boolean>`${refunds.outTradeNo} is not distinct from ${orders.paidAttempt}`;
  const rows = await db
    .select({ isOfPaid, group: nameOf(group, by), count: count(), sumFen: sumOf(refunds.amountFen) })
    .from(refunds)
    .innerJoin(orders, and(eq(orders.mchid, refunds.mchid), eq(orders.orderNo, refunds.orderNo)))
    // Left, so that Postgres leaves the join out where nothing of it is read.
    .leftJoin(attempts, isRefundOfAttempt)
    .where(
      and(
        eq(refunds.mchid, mchid),
        isAmong(refunds.state, COUNTED_STATES),
        gte(refunds.bookedAt, from),
        lt(refunds.bookedAt, to),
      ),
    )
    .groupBy(isOfPaid, group);
  return rows.map(({ isOfPaid, ...row }) => ({ kind: isOfPaid ? 'refunded' : 'returned', ...row }));
}

const COUNTED_STATES = ACCEPTED_REFUND_STATES.filter((state) => !isReleased(state));

/** The midnight in Beijing that it follows. */
const dayOf = (at: PgColumn): SQL => sql`date_bin(interval '1 day', ${at}, timestamptz '1970-01-01 00:00:00+08')`;

const nameOf = (group: SQL | PgColumn, by: By): SQL<string> =>
  by === 'day' ? sql<string>`to_char(${group} at time zone interval '8 hours', 'YYYY-MM-DD')` : sql<string>`${group}`;
