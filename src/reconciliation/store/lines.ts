import { and, asc, eq, gt, isNull, ne, sql, type SQL } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import { bills, billLines, discrepancies, reconciliationPool } from '../../db/schema.js';
import { ROW_ID } from '../../db/stored-values.js';
import { CLASS_RULES, CLASSES, isDiscrepancyClass, type Class } from '../rules/classes.js';
import type { LineView } from '../rules/view.js';
import type { DayRef } from './bill.js';

type Listed = { readonly lines: LineView[]; readonly nextCursor: string | null };

/** Without a class, of each in turn: what is of several is listed in each of them. */
type LinesRequest = {
  readonly class?: Class | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/** In the order of the bill, or of what tells them apart. A cursor is the last one's, and only this list understands it. */
export async function listLines(db: Db | Tx, day: DayRef, request: LinesRequest): Promise<Listed | 'bad_cursor'> {
  const names = request.class === undefined ? CLASSES : [request.class];
  const after = request.cursor === undefined ? undefined : decoded(request.cursor, names);
  if (request.cursor !== undefined && after === undefined) return 'bad_cursor';
  const rows: Keyed[] = [];
  for (const name of after === undefined ? names : names.slice(names.indexOf(after.class))) {
    const limit = request.limit + 1 - rows.length;
    if (limit === 0) break;
    const key = after?.class === name ? after.key : undefined;
    rows.push(...(await READERS[sourceOf(name)](db, day, { class: name, after: key, limit })));
  }
  const page = rows.slice(0, request.limit);
  const last = rows.length > request.limit ? page.at(-1) : undefined;
  return { lines: page.map(({ key, ...line }) => line), nextCursor: last === undefined ? null : encoded(last) };
}

type Source = 'lines' | 'pool' | 'discrepancies';

/** What can only be in a bill is read there, declared numbers and own reversals with it; the rest is where it was found. */
function sourceOf(name: Class): Source {
  if (name === 'expected') return 'pool';
  const isOfLines = !isDiscrepancyClass(name) || CLASS_RULES[name].isDiscrepancy === 'unlessKnown';
  return isOfLines ? 'lines' : 'discrepancies';
}

type Position = Pick<Keyed, 'class' | 'key'>;

const encoded = ({ class: name, key }: Position): string => Buffer.from(`${name} ${key}`).toString('base64url');

function decoded(cursor: string, names: readonly Class[]): Position | undefined {
  const [first = '', key = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const name = names.find((it) => it === first);
  if (name === undefined || !KEYS[sourceOf(name)].test(key)) return undefined;
  const position = { class: name, key };
  return encoded(position) === cursor ? position : undefined;
}

const KEYS: Readonly<Record<Source, RegExp>> = {
  lines: /^[0-9]{1,9}$/,
  pool: /^(payment|refund):[!-~]{1,64}$/,
  discrepancies: ROW_ID,
};

type Keyed = LineView & { readonly key: string };
type Read = { readonly class: Class; readonly after: string | undefined; readonly limit: number };
type Reader = (db: Db | Tx, day: DayRef, read: Read) => Promise<Keyed[]>;

const readLines: Reader = async (db, { mchid, date }, { class: name, after, limit }) => {
  const l = billLines;
  const isOfClass: SQL | undefined = name === 'matched' ? isNull(l.class) : eq(l.class, name);
  const rows = await db
    .select({
      lineNo: l.lineNo,
      at: l.at,
      type: l.type,
      number: l.number,
      outTradeNo: l.outTradeNo,
      transactionId: l.transactionId,
      outRefundNo: l.outRefundNo,
      billFen: l.amountFen,
      isDiscrepant: l.isDiscrepant,
      orderNo: ownOrderNo,
    })
    .from(l)
    .innerJoin(bills, and(eq(bills.mchid, mchid), eq(bills.date, date), eq(bills.kind, 'trade')))
    .where(
      and(
        ...[eq(l.mchid, mchid), eq(l.date, date), eq(l.kind, 'trade'), eq(bills.state, 'imported')],
        ...[isOfClass, after === undefined ? undefined : gt(l.lineNo, Number(after))],
      ),
    )
    .orderBy(asc(l.lineNo))
    .limit(limit);
  return rows.map(({ type, number, ...row }) => ({
    ...row,
    class: name,
    subject: type === 'refund' ? 'refund' : 'payment',
    refundId: type === 'refund' ? number : null,
    ownFen: name === 'matched' ? row.billFen : null,
    key: String(row.lineNo),
  }));
};

const ownOrderNo = sql<string | null>`(select a.order_no from attempts a
  where a.mchid = bill_lines.mchid and a.transaction_id = bill_lines.transaction_id limit 1)`;

const readPool: Reader = async (db, { mchid, date }, { class: name, after, limit }) => {
  const p = reconciliationPool;
  const rows = await db
    .select({
      ...{ key: p.subjectKey, subject: p.subject, at: p.at, orderNo: p.orderNo, outTradeNo: p.outTradeNo },
      ...{ transactionId: p.transactionId, outRefundNo: p.outRefundNo, refundId: p.refundId, ownFen: p.ownFen },
    })
    .from(p)
    .where(
      and(
        ...[eq(p.mchid, mchid), eq(p.date, date), isNull(p.leftAt)],
        after === undefined ? undefined : gt(p.subjectKey, after),
      ),
    )
    .orderBy(asc(p.subjectKey))
    .limit(limit);
  return rows.map(({ key, ...row }) => ({
    ...row,
    class: name,
    isDiscrepant: false,
    lineNo: null,
    billFen: null,
    key,
  }));
};

const readDiscrepancies: Reader = async (db, ref, { class: name, after, limit }) => {
  const d = discrepancies;
  const rows = await db
    .select({
      ...{ subject: d.subject, lineNo: d.lineNo, at: lineTime, orderNo: d.orderNo, outTradeNo: d.outTradeNo },
      ...{ transactionId: d.transactionId, outRefundNo: d.outRefundNo, refundId: d.refundId },
      ...{ billFen: d.billFen, ownFen: d.ownFen, key: d.id },
    })
    .from(d)
    .where(
      and(
        ...[
          eq(d.mchid, ref.mchid),
          eq(d.date, ref.date),
          sql`${d.class} = ${name}`,
          ne(d.status, 'repaired'),
          isNull(d.goneAt),
        ],
        after === undefined ? undefined : gt(d.id, after),
      ),
    )
    .orderBy(asc(d.id))
    .limit(limit);
  return rows.map((row) => ({ ...row, class: name, isDiscrepant: true }));
};

const lineTime = sql`(select l.at from bill_lines l where l.mchid = discrepancies.mchid and l.date = discrepancies.date
  and l.kind = discrepancies.kind and l.line_no = discrepancies.line_no)`.mapWith(billLines.at);

const READERS: Readonly<Record<Source, Reader>> = {
  lines: readLines,
  pool: readPool,
  discrepancies: readDiscrepancies,
};
