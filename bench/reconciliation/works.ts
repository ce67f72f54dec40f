import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import type { Sql } from 'postgres';
import { authenticated } from '../../src/channels/bill-file/authentic.js';
import { readTradeBill } from '../../src/channels/bill-file/trade-bill.js';
import type { Connection } from '../../src/db/connection.js';
import { BILL_COLUMNS } from '../../src/reconciliation/store/bill-row.js';
import { openDay } from '../../src/reconciliation/store/day.js';
import { importBill } from '../../src/reconciliation/store/import.js';
import { generatedDay } from './day.js';

/** A generated bill: its file, its rows as COPY takes them, and the day that it is imported as. */
export type BillToWork = { readonly file: string; readonly rows: string; readonly sha1: string; readonly date: string };

/** `import`: as the worker does; `parse`: all values of the file; `copy`: the rows, ready made, into an equal table. */
export const WORKS = {
  import: importAsWorkersDo,
  parse: (_: Connection, { file }: BillToWork) => parseAll(file),
  copy: ({ sql }: Connection, { rows }: BillToWork) => copyAll(sql, rows),
};

export type Work = keyof typeof WORKS;

/** The equal table. */
export const FLOOR_TABLE = 'bench_floor';

async function importAsWorkersDo({ db }: Connection, { file, sha1, date }: BillToWork): Promise<void> {
  const bill = { ...generatedDay(date, 0), kind: 'trade' } as const;
  const now = new Date();
  await openDay(db, { ...bill, askedBy: null, now });
  const { bytes, isAuthentic } = authenticated(createReadStream(file), sha1);
  const outcome = await importBill(db, { ...bill, sha1, items: readTradeBill(bytes), isAuthentic, now });
  if (outcome !== 'imported') throw new Error(`The generated bill is ${outcome.distrust}`);
}

async function parseAll(file: string): Promise<void> {
  const parser = parse({ bom: true, quote: null, escape: null, relax_column_count: true });
  parser.on('data', () => undefined);
  await pipeline(createReadStream(file), parser);
}

async function copyAll(sql: Sql, rows: string): Promise<void> {
  await sql`set statement_timeout = 0`;
  await sql.unsafe(`truncate ${FLOOR_TABLE}`);
  const columns = BILL_COLUMNS.trade.slice(BILL_COLUMNS.trade.indexOf('('));
  await sql.begin(async (tx) => {
    const target = await tx.unsafe(`copy ${FLOOR_TABLE} ${columns} from stdin`).writable();
    await pipeline(createReadStream(rows), target);
  });
}
