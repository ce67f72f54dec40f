import { and, desc, eq, gte, inArray, lt, sql, type SQL } from 'drizzle-orm';
import { unionAll, type PgColumn } from 'drizzle-orm/pg-core';
import type { Db, Tx } from '../../db/connection.js';
import { isAfter } from '../../db/keyset.js';
import { refunds } from '../../db/schema.js';
import { mchidOf } from '../../db/stored-values.js';
import { pageFound, type FoundKey } from '../../search/store/found.js';
import { HAS_TIME, isInState, OUT_REFUND_NO, REFUND_COLUMNS, type RefundFilter, type RefundPage } from './list.js';
import { refundColumns, refundRecord } from './record.js';

export type RefundSearch = RefundFilter & { readonly q: string };

/** `lookedBackTo`: where a page ended that found less than it was asked for, and is not the last. */
export type FoundRefunds = RefundPage & { readonly lookedBackTo: Date | null };

/**
 * The refunds that have `q` for a number (their own, WeChat Pay's, their order's or payment's) or all its words at the beginning of words
 * of their number and reason, with everything else that is asked of them: always the newest created first, whatever the times are of.
 */
export async function findRefunds(db: Db | Tx, search: RefundSearch): Promise<FoundRefunds | 'bad_cursor'> {
  const { mchids, q, time, from, to, cursor, limit } = search;
  const where = asked(search);
  const created = time === 'created' ? { createdFrom: from, createdTo: to } : {};
  const page = await pageFound(db, {
    ...{ kind: 'refund', mchids, q, ...created, cursor, limit, isId: OUT_REFUND_NO },
    isWanted:
      where &&
      ((mchid, number) => sql`exists (
      select from ${refunds} where ${and(eq(refunds.mchid, mchid), eq(refunds.outRefundNo, number), where)} offset 0)`),
    numbered: (after) =>
      numbered(db, search, and(where, after && isAfter(refunds.createdAt, refunds.outRefundNo, after))),
  });
  if (page === 'bad_cursor') return page;
  return { items: await refundsOf(db, page.keys), nextCursor: page.nextCursor, lookedBackTo: page.lookedBackTo };
}

function asked({ state, cause, amountFen, orderNo, time, from, to }: RefundSearch): SQL | undefined {
  const column = REFUND_COLUMNS[time];
  return and(
    state && isInState(state),
    cause && eq(refunds.cause, cause),
    amountFen === undefined ? undefined : eq(refunds.amountFen, amountFen),
    orderNo === undefined ? undefined : eq(refunds.orderNo, orderNo),
    HAS_TIME[time],
    from && gte(column, from),
    to && lt(column, to),
  );
}

async function numbered(db: Db | Tx, { mchids, q, limit }: RefundSearch, where: SQL | undefined): Promise<FoundKey[]> {
  const by = (column: PgColumn) =>
    db
      .select({ mchid: refunds.mchid, at: refunds.createdAt, id: refunds.outRefundNo })
      .from(refunds)
      .where(and(inArray(refunds.mchid, [...mchids]), eq(column, q), where))
      .orderBy(desc(refunds.createdAt), desc(refunds.outRefundNo))
      .limit(limit + 1);
  const { outRefundNo, refundId, orderNo, outTradeNo } = refunds;
  const rows = await unionAll(by(outRefundNo), by(refundId), by(orderNo), by(outTradeNo));
  return rows.map((row) => ({ ...row, mchid: mchidOf(row.mchid) }));
}

async function refundsOf(db: Db | Tx, keys: readonly FoundKey[]): Promise<RefundPage['items']> {
  if (keys.length === 0) return [];
  const [mchids, numbers] = [new Set(keys.map(({ mchid }) => mchid)), new Set(keys.map(({ id }) => id))];
  const isAmongThem = and(inArray(refunds.mchid, [...mchids]), inArray(refunds.outRefundNo, [...numbers]));
  const rows = await db.select(refundColumns).from(refunds).where(isAmongThem);
  const records = new Map(rows.map(refundRecord).map((record) => [`${record.mchid}/${record.outRefundNo}`, record]));
  return keys.flatMap(({ mchid, id }) => records.get(`${mchid}/${id}`) ?? []);
}
