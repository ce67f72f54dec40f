import { and, asc, count, eq, gt, inArray, isNotNull, lt, notInArray, or, sql, type SQL } from 'drizzle-orm';
import { OUT_REFUND_NO_PATTERN, parseOutTradeNo, type Mchid, type OrderNo, type OutRefundNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { billLines, discrepancies, refunds } from '../../db/schema.js';
import { mchidOf, orderNoOf, outRefundNoOf } from '../../db/stored-values.js';
import type { Evidence } from '../../orders/rules/evidence.js';
import { ASKED_BY_REFUND_NO, ASKED_CLASSES } from '../rules/classes.js';
import type { DayRef } from './bill.js';

/** What of a discrepancy is asked at WeChat Pay, and by whom. */
export type Repair = { readonly id: string; readonly mchid: Mchid; readonly orderNo: OrderNo } & (
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'recheck' }
  | { readonly kind: 'externalRefund' | 'refundRecheck'; readonly outRefundNo: OutRefundNo }
);

/** Open discrepancies of a day that a query may settle, by their ids, behind `after`. */
export function openRepairs(
  db: Db | Tx,
  { mchid, date }: DayRef,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Repair[]> {
  return repairs(db, and(isOfDay({ mchid, date }), after === null ? undefined : gt(discrepancies.id, after)), limit);
}

/** How many {@link openRepairs} there are. */
export async function countRepairs(db: Db | Tx, day: DayRef): Promise<number> {
  const [found] = await db
    .select({ repairs: count() })
    .from(discrepancies)
    .where(and(isOfDay(day), IS_ASKED));
  return found?.repairs ?? 0;
}

/** Undefined: it is not open, or no query settles it. */
export async function repairFor(db: Db | Tx, id: string): Promise<Repair | undefined> {
  return (await repairs(db, eq(discrepancies.id, id), 1))[0];
}

async function repairs(db: Db | Tx, isAmong: SQL | undefined, limit: number): Promise<Repair[]> {
  const { appid, tradeType, amountFen } = billLines;
  const isTheirLine = and(
    ...(['mchid', 'date', 'kind', 'lineNo'] as const).map((key) => eq(billLines[key], discrepancies[key])),
  );
  const rows = await db
    .select({ row: discrepancies, line: { appid, tradeType, amountFen } })
    .from(discrepancies)
    .leftJoin(billLines, isTheirLine)
    .where(and(isAmong, IS_ASKED))
    .orderBy(asc(discrepancies.id))
    .limit(limit);
  return rows.map(({ row, line }) => repairOf(row, line));
}

const isOfDay = ({ mchid, date }: DayRef) => and(eq(discrepancies.mchid, mchid), eq(discrepancies.date, date));

/** As `isAsked` has it. */
const IS_ASKED = and(
  eq(discrepancies.status, 'open'),
  inArray(discrepancies.class, [...ASKED_CLASSES]),
  isNotNull(discrepancies.orderNo),
  or(
    notInArray(discrepancies.class, [...ASKED_BY_REFUND_NO]),
    sql`${discrepancies.outRefundNo} ~ ${sql.raw(`'${OUT_REFUND_NO_PATTERN}'`)}`,
  ),
);

type Row = typeof discrepancies.$inferSelect;
type Line = Pick<typeof billLines.$inferSelect, 'appid' | 'tradeType' | 'amountFen'>;

function repairOf(row: Row, line: Line | null): Repair {
  const mchid = mchidOf(row.mchid);
  const ref = { id: row.id, mchid, orderNo: orderNoOf(row.orderNo ?? '') };
  if ((row.class === 'refund_not_here' || row.class === 'refund_status') && row.outRefundNo !== null) {
    const kind = row.class === 'refund_not_here' ? 'externalRefund' : 'refundRecheck';
    return { ...ref, kind, outRefundNo: outRefundNoOf(row.outRefundNo) };
  }
  const { transactionId } = row;
  const outTradeNo = parseOutTradeNo(row.outTradeNo ?? '');
  if (row.class !== 'paid_not_here' || line === null || !outTradeNo.ok || transactionId === null) {
    return { ...ref, kind: 'recheck' };
  }
  const { appid, tradeType, amountFen } = line;
  const money = { mchid, appid: appid ?? '', tradeType: tradeType ?? '', currency: 'CNY', totalFen: amountFen };
  const evidence = { ...money, source: 'bill', outTradeNo: outTradeNo.value, transactionId } as const;
  return { ...ref, kind: 'evidence', evidence };
}

type Unsettled = { readonly mchid: Mchid; readonly settledBefore: Date; readonly limit: number };

/** Refunds of before `settledBefore` that WeChat Pay still has under way, as far as we know; the longest untold first. */
export async function unsettledRefunds(db: Db | Tx, { mchid, settledBefore, limit }: Unsettled) {
  const rows = await db
    .select({ outRefundNo: refunds.outRefundNo })
    .from(refunds)
    .where(and(eq(refunds.mchid, mchid), eq(refunds.state, 'processing'), lt(refunds.bookedAt, settledBefore)))
    .orderBy(asc(refunds.bookedAt))
    .limit(limit);
  return rows.map(({ outRefundNo }) => ({ mchid, outRefundNo: outRefundNoOf(outRefundNo) }));
}
