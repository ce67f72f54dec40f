import type { FileDatabase } from '../db/database.js';
import { MCHID } from '../db/fixtures.js';
import type { Mchid } from '../../src/base/ids.js';
import type { Product } from '../../src/orders/rules/product.js';
import type { FundLine, TradeLine, TradeSummary } from '../../src/reconciliation/rules/bill-line.js';
import type { FundSums, TradeSums } from '../../src/reconciliation/rules/bill-sums.js';
import { parseBillDate, startOf, type BillDate } from '../../src/reconciliation/rules/day.js';
import { NO_FOREIGN, type ForeignPatterns } from '../../src/reconciliation/rules/foreign.js';
import { recordDistrust, recordNoBill } from '../../src/reconciliation/store/bill.js';
import { loadDay, openDay, type DayDetail } from '../../src/reconciliation/store/day.js';
import { listDiscrepancies, type DiscrepancyRecord } from '../../src/reconciliation/store/discrepancies.js';
import { importBill, type BillEnd } from '../../src/reconciliation/store/import.js';
import { matchDay, type Matched } from '../../src/reconciliation/store/match.js';

/** The database they are in. */
export type Books = Pick<FileDatabase, 'connection' | 'db'>;

export const APPID = 'wx0000000000000001';
export const NOW = new Date('2026-06-01T04:00:00Z');

export function day(text: string): BillDate {
  const parsed = parseBillDate(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

export const D = day('2026-03-10');

/** Minutes after midnight in Beijing. */
export const on = (date: BillDate, minutes = 600): Date => new Date(startOf(date).getTime() + minutes * 60_000);

export type Payment = {
  readonly mchid: Mchid;
  readonly outTradeNo: string;
  readonly transactionId: string;
  readonly fen: number;
  readonly at: Date;
  readonly appid: string;
  readonly product: Product;
};

let sequence = 0;

/** A payment whose numbers nothing else in the file has. */
export function payment(change: Partial<Payment> = {}): Payment {
  sequence += 1;
  const n = String(sequence).padStart(6, '0');
  const numbers = { outTradeNo: `order-${n}`, transactionId: `4200${n}` };
  return { mchid: MCHID, ...numbers, fen: 1_000, at: on(D), appid: APPID, product: 'native', ...change };
}

/** Its order in our books; not paid: `paid` false, or by our own reverse. */
export async function book(
  database: Books,
  it: Payment,
  paid: boolean | 'foreign' | 'reversed' = true,
): Promise<Payment> {
  const { sql } = database.connection;
  await sql`
    insert into orders (mchid, order_no, state, closed_reason, closed_at, amount_fen, description, policy, body_hash,
      expires_in_seconds, expires_at, created_at)
    values (${it.mchid}, ${it.outTradeNo}, 'closed', 'expired', 'epoch', ${it.fen}, 'tea', '{}', 'hash', 60, 'epoch', 'epoch')`;
  await sql`
    insert into attempts (mchid, order_no, out_trade_no, number, product, appid, state, foreign_trade, reversing, till, transaction_id, paid_fen, paid_at)
    values (${it.mchid}, ${it.outTradeNo}, ${it.outTradeNo}, 1, ${it.product}, ${it.appid},
      ${paid === true ? 'succeeded' : paid === 'foreign' ? 'failed' : 'closed'}, ${paid === 'foreign'}, ${paid === 'reversed'}, ${it.product === 'codeScan' ? '{}' : null},
      ${paid === true ? it.transactionId : null}, ${paid === true ? it.fen : 0}, ${paid === true ? it.at.toISOString() : null})`;
  return it;
}

export const booked = (database: Books, change: Partial<Payment> = {}): Promise<Payment> =>
  book(database, payment(change));

export type Refund = {
  readonly of: Payment;
  readonly refundId: string;
  readonly outRefundNo: string;
  readonly fen: number;
  readonly at: Date;
};

export function refund(of: Payment, change: Partial<Refund> = {}): Refund {
  sequence += 1;
  const n = String(sequence).padStart(6, '0');
  return { of, refundId: `5030${n}`, outRefundNo: `refund-${n}`, fen: 300, at: of.at, ...change };
}

type Booked = { readonly state?: 'requested' | 'processing' | 'succeeded' | 'closed'; readonly offline?: boolean };

export async function bookRefund(
  database: Books,
  it: Refund,
  { state = 'processing', offline = false }: Booked = {},
): Promise<Refund> {
  const isAccepted = state !== 'requested';
  await database.connection.sql`
    insert into refunds (mchid, out_refund_no, order_no, out_trade_no, amount_fen, total_fen, cause, body_hash, state,
      refund_id, accepted_at, succeeded_at, offline, created_at)
    values (${it.of.mchid}, ${it.outRefundNo}, ${it.of.outTradeNo}, ${it.of.outTradeNo}, ${it.fen}, ${it.of.fen}, 'shop', 'hash',
      ${state}, ${isAccepted ? it.refundId : null}, ${isAccepted ? it.at.toISOString() : null},
      ${state === 'succeeded' ? it.at.toISOString() : null}, ${offline}, 'epoch')`;
  return it;
}

const TYPES = {
  native: 'NATIVE',
  jsapi: 'JSAPI',
  miniProgram: 'JSAPI',
  app: 'APP',
  h5: 'MWEB',
  codeScan: 'MICROPAY',
} as const;

export const feeOf = (fen: number): number => Math.round(fen * 0.006) * 1_000;

/** As WeChat Pay would print it. */
export function lineOf(it: Payment, change: Partial<TradeLine> = {}): TradeLine {
  return {
    ...{ lineNo: 0, kind: 'payment', at: it.at, mchid: it.mchid, appid: it.appid, outTradeNo: it.outTradeNo },
    ...{
      transactionId: it.transactionId,
      tradeType: TYPES[it.product],
      totalFen: it.fen,
      settledFen: it.fen,
      couponFen: 0,
    },
    ...{ refund: null, feeMillifen: feeOf(it.fen), rate: '0.60%', rest: {} },
    ...change,
  };
}

export function refundLine(it: Refund, change: Partial<TradeLine> = {}): TradeLine {
  const { refundId, outRefundNo, fen } = it;
  const refund = { askedFen: fen, settledFen: fen, couponFen: 0, type: 'ORIGINAL', status: 'SUCCESS' };
  return lineOf(it.of, {
    ...{ kind: 'refund', at: it.at, totalFen: 0, settledFen: 0, feeMillifen: 0 },
    refund: { refundId, outRefundNo, ...refund },
    ...change,
  });
}

type Move = Omit<FundLine, 'balanceFen' | 'lineNo'>;

/** What the account books for it: the money and its fee. */
export function fundsOf(it: Payment | Refund, at = it.at): Move[] {
  const isRefund = 'of' in it;
  const businessNo = isRefund ? it.refundId : it.transactionId;
  const move = (type: string, direction: 'in' | 'out', amountFen: number): Move => ({
    ...{
      at,
      businessNo,
      flowNo: `flow-${businessNo}-${type}`,
      name: isRefund ? '退款' : '交易',
      type,
      direction,
      amountFen,
    },
    ...{ voucherNo: '', rest: {} },
  });
  const fee = isRefund ? 0 : feeOf(it.fen) / 1_000;
  const main = isRefund ? move('退款', 'out', it.fen) : move('交易', 'in', it.fen);
  return fee === 0 ? [main] : [main, move('扣除交易手续费', 'out', fee)];
}

export type Bills = {
  readonly trade?: readonly TradeLine[] | 'none' | 'unreadable' | null;
  readonly funds?: readonly Move[] | 'none' | null;
  readonly mchid?: Mchid;
  readonly foreign?: ForeignPatterns;
  readonly isAuthentic?: boolean;
  readonly summary?: Partial<TradeSummary>;
};

let file = 0;

export const UNREADABLE = { distrust: 'unreadable', distrustWhy: 'line 12: bad_value (订单金额)' } as const;

/** One run of a day: its bills, as WeChat Pay gives them, and what matching says. */
export async function reconcile(database: Books, date: BillDate, bills: Bills): Promise<Matched> {
  const { mchid = MCHID, foreign = NO_FOREIGN, trade = [], funds = null } = bills;
  const { db } = database;
  await openDay(db, { mchid, date, askedBy: null, now: NOW });
  await imported(database, date, { ...bills, trade, funds, mchid });
  return matchDay(db, { mchid, date, foreign, now: NOW });
}

export async function imported(database: Books, date: BillDate, bills: Bills): Promise<void> {
  const { mchid = MCHID, trade = null, funds = null, isAuthentic = true, summary = {} } = bills;
  const { db } = database;
  file += 1;
  const of = {
    mchid,
    date,
    sha1: file.toString(16).padStart(40, '0'),
    isAuthentic: () => Promise.resolve(isAuthentic),
    now: NOW,
  };
  if (funds === 'none') await recordNoBill(db, { ...of, kind: 'fundflow' }, NOW);
  else if (funds !== null) await importBill(db, { ...of, kind: 'fundflow', items: itemsOf(fundFile(funds)) });
  if (trade === null) return;
  if (trade === 'none') await recordNoBill(db, { ...of, kind: 'trade' }, NOW);
  else if (trade === 'unreadable') await recordDistrust(db, { ...of, kind: 'trade' }, UNREADABLE, NOW);
  else await importBill(db, { ...of, kind: 'trade', items: itemsOf(tradeFile(trade, summary)) });
}

// eslint-disable-next-line @typescript-eslint/require-await
export async function* itemsOf<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

export function tradeFile(lines: readonly TradeLine[], change: Partial<TradeSummary> = {}): (TradeLine | BillEnd)[] {
  const total = (of: (line: TradeLine) => number) => lines.reduce((sum, line) => sum + of(line), 0);
  const sums: TradeSums = {
    count: lines.length,
    settledFen: total((it) => it.settledFen),
    refundSettledFen: total((it) => it.refund?.settledFen ?? 0),
    refundCouponFen: total((it) => it.refund?.couponFen ?? 0),
    feeMillifen: total((it) => it.feeMillifen),
    totalFen: total((it) => it.totalFen),
    refundAskedFen: total((it) => it.refund?.askedFen ?? 0),
  };
  return [...lines.map((line, index) => ({ ...line, lineNo: index + 2 })), { summary: { ...sums, ...change }, sums }];
}

/** With balances that follow from one another, from a million fen on; `rest.balance` says another. */
export function fundFile(moves: readonly Move[]): (FundLine | BillEnd)[] {
  let balanceFen = 1_000_000;
  const lines = moves.map((move, index) => {
    balanceFen += move.direction === 'in' ? move.amountFen : -move.amountFen;
    return { ...move, lineNo: index + 2, balanceFen: Number(move.rest['balance'] ?? balanceFen) };
  });
  const of = (direction: 'in' | 'out') => lines.filter((line) => line.direction === direction);
  const fen = (direction: 'in' | 'out') => of(direction).reduce((sum, { amountFen }) => sum + amountFen, 0);
  const sums: FundSums = {
    ...{
      count: lines.length,
      inCount: of('in').length,
      inFen: fen('in'),
      outCount: of('out').length,
      outFen: fen('out'),
    },
  };
  return [...lines, { summary: sums, sums }];
}

/** With what matching said of it, whether or not its run has ended. */
export async function dayOf(database: Books, date: BillDate, mchid = MCHID): Promise<DayDetail> {
  const detail = await loadDay(database.db, { mchid, date });
  const [said] = await database.connection.sql<Pick<DayDetail, 'state' | 'failure'>[]>`
    select state, failure from reconciliations where mchid = ${mchid} and date = ${date}`;
  if (detail === undefined || said === undefined) throw new Error('the day was opened');
  return { ...detail, ...said };
}

/** `class subject status`, of a day. */
export async function found(database: Books, date: BillDate, mchid = MCHID): Promise<string[]> {
  const all = await discrepanciesOf(database, date, mchid);
  return all.map((it) => `${it.class} ${it.subjectKey}${it.status === 'open' ? '' : ` ${it.status}`}`).sort();
}

export async function discrepanciesOf(database: Books, date: BillDate, mchid = MCHID): Promise<DiscrepancyRecord[]> {
  const page = await listDiscrepancies(database.db, { mchids: [mchid], from: date, to: date, limit: 1_000 });
  if (page === 'bad_cursor') throw new Error(page);
  return page.items;
}

/** `class subject count bill own`, as the day's page shows them. */
export async function sumsOf(database: Books, date: BillDate, mchid = MCHID): Promise<string[]> {
  const { sums } = await dayOf(database, date, mchid);
  return sums.map((it) => `${it.class} ${it.subject} ${it.count} ${it.billFen} ${it.ownFen}`);
}
