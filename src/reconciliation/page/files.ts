import type { Context } from 'hono';
import type { Db } from '../../db/connection.js';
import { ApiError } from '../../http/kit/api-error.js';
import { csvFile } from '../../http/kit/csv.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { discrepancyPages } from '../api/discrepancies.js';
import { linePages } from '../api/lines.js';
import { BILL_KINDS } from '../rules/bill-line.js';
import { DISCREPANCY_COLUMNS, LINE_COLUMNS } from '../rules/csv.js';
import { loadBills, type BillRef } from '../store/bill.js';
import { readBillLines, type BillLineRecord } from '../store/bill-lines.js';
import { BILL_COLUMNS } from './bill-columns.js';
import { dayOf } from './day.js';
import { chosenDiscrepancies } from './discrepancy-filter.js';
import { classOf, notReconciled } from './lines.js';

/** Lines that are read at a time. */
const PAGE = 2_000;

/** All lines of one class. Throws `invalid_request`. */
export function sendLines(c: Context<IngressEnv>, { connection: { db }, log }: IngressDeps): Promise<Response> {
  const day = dayOf(c);
  const found = classOf(c);
  const name = `reconciliation-${day.mchid}-${day.date}-${found.replaceAll('_', '-')}`;
  return csvFile(c, { name, columns: LINE_COLUMNS, pages: linePages(db, day, found), log });
}

/** What the filter of the list shows, all of it. */
export function sendDiscrepancies(c: Context<IngressEnv>, { connection: { db }, log }: IngressDeps): Promise<Response> {
  const filter = { ...chosenDiscrepancies(c), limit: PAGE };
  const columns = { mchid: (it: { readonly mchid: string }) => ({ plain: it.mchid }), ...DISCREPANCY_COLUMNS };
  return csvFile(c, { name: 'discrepancies', columns, pages: discrepancyPages(db, filter), log });
}

/** A bill as it was imported. Throws `reconciliation_not_found`, `not_found` where there is none. */
export async function sendBill(c: Context<IngressEnv>, { connection: { db }, log }: IngressDeps): Promise<Response> {
  const { mchid, date } = dayOf(c);
  const kind = BILL_KINDS.find((it) => `${it}.csv` === c.req.param('file'));
  const bill = (await loadBills(db, { mchid, from: date, to: date })).find((it) => it.kind === kind);
  if (kind === undefined || bill === undefined) throw notReconciled();
  const { sha1, lines, state } = bill;
  if (state !== 'imported' || sha1 === null) throw new ApiError('not_found', 'Nothing of this bill is imported.');
  const pages = billPages(db, { mchid, date, kind }, { sha1, lines });
  return csvFile(c, { name: `${kind}-bill-${mchid}-${date}`, columns: BILL_COLUMNS[kind], pages, log });
}

/** Throws where another import took its place meanwhile: a file is whole, or breaks off. */
async function* billPages(
  db: Db,
  ref: BillRef,
  { sha1, lines }: { readonly sha1: string; readonly lines: number },
): AsyncGenerator<BillLineRecord[], void> {
  let [sent, after] = [0, 0];
  while (sent < lines) {
    const page = await readBillLines(db, ref, { sha1, after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) throw new Error('The bill was replaced');
    yield page;
    [sent, after] = [sent + page.length, last.lineNo];
  }
}
