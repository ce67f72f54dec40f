import { and, asc, eq, getTableColumns, gt } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import { bills, billLines } from '../../db/schema.js';
import { isBill, type BillRef } from './bill.js';

const { mchid, date, kind, ...columns } = getTableColumns(billLines);

/** A line of a bill as it was imported, and what it was found to be. */
export type BillLineRecord = Omit<typeof billLines.$inferSelect, 'mchid' | 'date' | 'kind'>;

type Read = { readonly sha1: string; readonly after: number; readonly limit: number };

/** In the order of the file, behind a line; nothing once another file was imported in its place. */
export async function readBillLines(
  db: Db | Tx,
  bill: BillRef,
  { sha1, after, limit }: Read,
): Promise<BillLineRecord[]> {
  return db
    .select(columns)
    .from(billLines)
    .innerJoin(bills, and(isBill(bill), eq(bills.state, 'imported'), eq(bills.sha1, sha1)))
    .where(and(eq(mchid, bill.mchid), eq(date, bill.date), eq(kind, bill.kind), gt(billLines.lineNo, after)))
    .orderBy(asc(billLines.lineNo))
    .limit(limit);
}
