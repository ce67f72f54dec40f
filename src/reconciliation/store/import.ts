import { createHash, type Hash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { copyInto } from '../../db/copy.js';
import { bills } from '../../db/schema.js';
import {
  nextOf,
  type FundLine,
  type FundSummary,
  type LineKind,
  type TradeLine,
  type TradeSummary,
} from '../rules/bill-line.js';
import { differencesOf, type FundSums, type SummaryDifference, type TradeSums } from '../rules/bill-sums.js';
import type { Distrusted } from '../rules/day.js';
import { forgetNext, isBill, TRUSTED, type BillRef } from './bill.js';
import { BILL_COLUMNS, billRow } from './bill-row.js';

type Line = TradeLine | FundLine;

/** Lines in the order of the file, then its end. */
export type Item = Line | BillEnd;

/** The last of a bill: what it says of itself, and what its lines add up to. */
export type BillEnd = TradeEnd | FundEnd;
type TradeEnd = { readonly summary: TradeSummary; readonly sums: TradeSums };
type FundEnd = { readonly summary: FundSummary; readonly sums: FundSums };

export type BillToImport = BillRef & {
  /** Of the unzipped file, as WeChat Pay announced it. */
  readonly sha1: string;
  /** All lines of the file from its beginning, whatever of it is stored already, and its end. */
  readonly items: AsyncIterable<Item>;
  /** Asked behind the last item: whether the bytes that were read have that hash. */
  readonly isAuthentic: () => Promise<boolean>;
  readonly now: Date;
  /** After each batch, with the number of the last line that is stored. */
  readonly onProgress?: (lastLine: number) => void;
};

export type ImportOutcome = 'imported' | Distrusted;

/** Another import of this bill went on, or the stored beginning is of another file: to import again is right. */
export class ImportOvertaken extends Error {
  override readonly name = 'ImportOvertaken';
  readonly code = 'import_overtaken';
}

/** Lines of one COPY: some hundred bytes each. */
const BATCH_LINES = 5_000;

/**
 * Stores a bill, batch by batch, and says what it is worth. Killed anywhere, the next import of the same file goes on behind the last
 * batch, once what it skips proves to be what is stored; one of another file begins anew. Nothing reads lines whose bill is not
 * `imported`. Throws what `items` throws; {@link ImportOvertaken}.
 */
export async function importBill(db: Db, bill: BillToImport): Promise<ImportOutcome> {
  const begun = await begin(db, bill);
  if (begun === 'imported') return 'imported';
  const stored = await storeLines(db, bill, begun);
  return finish(db, bill, stored);
}

type Progress = {
  readonly lastLine: number;
  readonly lines: number;
  readonly digest: string | null;
  /** Its lines are kept apart from those of the file that is imported, whose place it is to take. */
  readonly isNext: boolean;
};

function begin(db: Db, bill: BillToImport): Promise<Progress | 'imported'> {
  const { mchid, date, kind } = bill;
  const sha1 = bill.sha1.toLowerCase();
  return withTransaction(db, async (tx) => {
    await patient(tx);
    await tx.insert(bills).values({ mchid, date, kind }).onConflictDoNothing();
    const [row] = await tx.select().from(bills).where(isBill(bill)).for('update');
    if (row?.state === 'imported') return beginNext(tx, bill, row);
    if (row?.sha1 === sha1 && row.state === 'importing') return { ...row, isNext: false };
    await tx.execute(sql`select empty_bill(${mchid}, ${date}::date, ${kind})`);
    await tx
      .update(bills)
      .set({ ...NOTHING_YET, state: 'importing', sha1, ...TRUSTED, summary: null, fetchedAt: bill.now })
      .where(isBill(bill));
    return { ...NOTHING_YET, isNext: false };
  });
}

const NOTHING_YET = { lines: 0, lastLine: 0, digest: null };

/** What is imported stays until another file is trusted. */
async function beginNext(
  tx: Tx,
  bill: BillToImport,
  imported: Pick<typeof bills.$inferSelect, 'sha1' | 'next' | 'distrust'>,
): Promise<Progress | 'imported'> {
  const sha1 = bill.sha1.toLowerCase();
  const next = nextSchema.nullable().parse(imported.next);
  if (next?.sha1 === sha1) return { ...next, isNext: true };
  if (next !== null) await forgetNext(tx, bill);
  const isKnown = imported.sha1 === sha1;
  await tx
    .update(bills)
    .set(isKnown ? { next: null, ...TRUSTED, fetchedAt: bill.now } : { next: { sha1, ...NOTHING_YET } })
    .where(isBill(bill));
  return isKnown ? 'imported' : { ...NOTHING_YET, isNext: true };
}

const nextSchema = z.object({
  sha1: z.string(),
  lines: z.number(),
  lastLine: z.number(),
  digest: z.string().nullable(),
});

type Stored = Progress & { readonly end: BillEnd };

/** The next batch is read while Postgres stores the last. */
async function storeLines(db: Db, bill: BillToImport, begun: Progress): Promise<Stored> {
  const hash = createHash('sha1');
  let stored = Promise.resolve(begun);
  let rows: string[] = [];
  let lastLine = 0;
  let end: BillEnd | undefined;
  const flush = async () => {
    if (rows.length === 0) return;
    const after = await stored;
    stored = append(db, bill, { after, rows, lastLine, digest: hash.copy().digest('hex') });
    // Told to whoever waits for it: the next batch, or the end.
    stored.catch(() => undefined);
    rows = [];
  };
  try {
    for await (const item of bill.items) {
      if (!('lineNo' in item)) {
        end = item;
        break;
      }
      const row = billRow({ ...bill, kind: kindOf(bill, begun) }, item);
      hash.update(row);
      lastLine = item.lineNo;
      if (lastLine > begun.lastLine) rows.push(row);
      else if (lastLine === begun.lastLine) await provedEqual(db, bill, hash, begun);
      if (rows.length >= BATCH_LINES) await flush();
    }
    await flush();
  } finally {
    // Nothing goes on behind the back of whoever is told of a failure.
    await Promise.allSettled([stored]);
  }
  if (end === undefined || lastLine < begun.lastLine) throw new Error('A bill ended before its end');
  return { ...(await stored), end };
}

type Batch = {
  readonly after: Progress;
  readonly rows: readonly string[];
  readonly lastLine: number;
  /** Of all rows up to the last. */
  readonly digest: string;
};

/** The row's lock and its counter let one import go on, whatever others believe. */
async function append(db: Db, bill: BillToImport, { after, rows, lastLine, digest }: Batch): Promise<Progress> {
  const progress = { lastLine, lines: after.lines + rows.length, digest };
  const { isNext } = after;
  await withTransaction(db, async (tx) => {
    await unhurried(tx);
    await locked(tx, bill, after);
    await copyInto(tx, BILL_COLUMNS[bill.kind], rows.join(''));
    await tx
      .update(bills)
      .set(isNext ? { next: { sha1: bill.sha1.toLowerCase(), ...progress } } : progress)
      .where(isBill(bill));
  });
  bill.onProgress?.(lastLine);
  return { ...progress, isNext };
}

async function locked(tx: Tx, bill: BillToImport, { lastLine, isNext }: Progress): Promise<void> {
  const [row] = await tx.select().from(bills).where(isBill(bill)).for('update');
  const going = isNext ? nextSchema.nullable().parse(row?.next ?? null) : row?.state === 'importing' ? row : null;
  const isOurs = going?.sha1 === bill.sha1.toLowerCase() && going.lastLine === lastLine;
  if (!isOurs) throw new ImportOvertaken('another import of this bill went on');
}

/** The bytes that were read before may have been others, whatever hash was announced. */
async function provedEqual(db: Db, bill: BillToImport, hash: Hash, { digest, isNext }: Progress): Promise<void> {
  if (hash.copy().digest('hex') === digest) return;
  if (isNext) await forgetNext(db, bill);
  else await db.update(bills).set({ sha1: null }).where(isBill(bill));
  throw new ImportOvertaken('what is stored of this bill is of another file');
}

async function finish(db: Db, bill: BillToImport, stored: Stored): Promise<ImportOutcome> {
  const { summary } = stored.end;
  const distrusted = await distrustOf(bill, stored);
  const state = distrusted === null ? 'imported' : 'untrusted';
  return withTransaction(db, async (tx) => {
    await patient(tx);
    await locked(tx, bill, stored);
    if (stored.isNext) await settleNext(tx, bill, stored, distrusted);
    else
      await tx
        .update(bills)
        .set({ state, ...(distrusted ?? TRUSTED), summary, fetchedAt: bill.now })
        .where(isBill(bill));
    await tx.execute(sql`select analyze_bills(${bill.date}::date)`);
    return distrusted ?? 'imported';
  });
}

/** Takes the place of the imported file, or leaves nothing but why it did not. */
async function settleNext(
  tx: Tx,
  bill: BillToImport,
  { lines, lastLine, digest, end: { summary } }: Stored,
  distrusted: Distrusted | null,
): Promise<void> {
  const { mchid, date, kind } = bill;
  if (distrusted !== null) {
    await forgetNext(tx, bill);
    await tx.update(bills).set(distrusted).where(isBill(bill));
    return;
  }
  await tx.execute(sql`select empty_bill(${mchid}, ${date}::date, ${kind})`);
  await tx.execute(sql`
    update bill_lines l set kind = ${kind} where l.mchid = ${mchid} and l.date = ${date}::date and l.kind = ${nextOf(kind)}`);
  const counted = { lines, lastLine, digest, summary, sha1: bill.sha1.toLowerCase(), fetchedAt: bill.now };
  await tx
    .update(bills)
    .set({ ...counted, next: null, ...TRUSTED })
    .where(isBill(bill));
}

const kindOf = ({ kind }: BillToImport, { isNext }: Progress): LineKind => (isNext ? nextOf(kind) : kind);

async function distrustOf(bill: BillToImport, { lines, end }: Stored): Promise<Distrusted | null> {
  if (!(await bill.isAuthentic())) return { distrust: 'hash', distrustWhy: null };
  const contradictions = contradictionsOf(end);
  if (contradictions.length === 0 && end.sums.count === lines) return null;
  return { distrust: 'summary', distrustWhy: contradictions.map(contradictionWord).join('; ') || null };
}

/** Figures in which it contradicts itself. */
const contradictionsOf = (end: BillEnd) =>
  isOfTrades(end) ? differencesOf(end.summary, end.sums) : differencesOf(end.summary, end.sums);

const contradictionWord = ({ figure, summary, lines }: SummaryDifference): string =>
  `${figure}: summary ${summary}, lines ${lines}`;

const isOfTrades = (end: BillEnd): end is TradeEnd => 'totalFen' in end.summary;

/** What a crash of Postgres takes of a bill, lines and progress alike, is read again; the end of it waits for the disk, and so for all before. */
const unhurried = (tx: Tx) => tx.execute(sql.raw(`set local synchronous_commit = off`));

/** Emptying a bill of a million lines takes seconds. */
const patient = (tx: Tx) => tx.execute(sql.raw(`set local statement_timeout = '120s'`));
