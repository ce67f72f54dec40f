import { finishDay, openDay, setWaiting } from '../../../src/reconciliation/store/day.js';
import { daysAfter } from '../../../src/reconciliation/rules/day.js';
import { MCHID, OTHER_MCHID, type TestApp } from '../../http/support/test-app.js';
import { MINUTE } from '../../../src/base/time.js';
import * as books from '../books.js';

/** What another system may have written into a bill, and no page may take for its own. */
export const HOSTILE = '<script>alert(1)</script>\u202e"&';

/** The last day that differs is this one; it is noon of 2026-06-01 in Beijing. */
export const DIFFERS = books.day('2026-05-28');
export const WAITING = daysAfter(DIFFERS, -1);
export const FAILED = daysAfter(DIFFERS, -2);
export const EMPTY = daysAfter(DIFFERS, -3);
export const BALANCED = daysAfter(DIFFERS, -4);

const hour = (date: string) => ({ at: books.on(books.day(date)) });

/** Days of two merchants in every state, {@link DIFFERS} with discrepancies of seven classes and 60 payments that agree. */
export async function seedDays(test: TestApp): Promise<void> {
  const { db } = test.connection;
  const database = databaseOf(test);
  const end = (date: typeof DIFFERS) => finishDay(db, { mchid: MCHID, date }, books.NOW);
  await books.reconcile(database, BALANCED, { trade: [books.lineOf(await books.booked(database, hour(BALANCED)))] });
  await books.reconcile(database, EMPTY, { trade: 'none', funds: 'none' });
  await books.reconcile(database, FAILED, { trade: [books.lineOf(books.payment(hour(FAILED)))], isAuthentic: false });
  const waiting = { mchid: MCHID, date: WAITING };
  await openDay(db, { ...waiting, askedBy: 'Li Lei (1)', now: minutesAgo(90) });
  await setWaiting(db, waiting, { waitsFor: 'trade_bill', nextAt: minutesAgo(-25), now: minutesAgo(80) });
  await books.reconcile(database, DIFFERS, await billsThatDiffer(test));
  for (const date of [BALANCED, EMPTY, FAILED, DIFFERS]) await end(date);
  const theirs = books.payment({ mchid: OTHER_MCHID, ...hour(BALANCED), outTradeNo: 'of-the-other' });
  await books.reconcile(database, BALANCED, { mchid: OTHER_MCHID, trade: [books.lineOf(theirs)] });
  await finishDay(db, { mchid: OTHER_MCHID, date: BALANCED }, books.NOW);
}

export const databaseOf = (test: TestApp) => ({
  ...{ connection: test.connection, db: test.connection.db, url: test.databaseUrl },
  place: () => Promise.reject(new Error('not here')),
});

export const minutesAgo = (minutes: number): Date => new Date(books.NOW.getTime() - minutes * MINUTE);

async function billsThatDiffer(test: TestApp): Promise<books.Bills> {
  const database = databaseOf(test);
  const at = hour(DIFFERS);
  const agreed: books.Payment[] = [];
  for (let n = 0; n < 60; n += 1) agreed.push(await books.booked(database, { ...at, fen: 1_000 + n }));
  const [first, second] = agreed;
  if (first === undefined || second === undefined) throw new Error('there are sixty');
  const back = await books.bookRefund(database, books.refund(first));
  const fen = { totalFen: 5, settledFen: 5, feeMillifen: 0 };
  const trade = [
    ...agreed.map((it) => books.lineOf(it)),
    books.lineOf(await books.book(database, books.payment(at), false)),
    books.lineOf(await books.booked(database, { ...at, fen: 123_456_700 }), fen),
    books.lineOf(books.payment({ ...at, outTradeNo: HOSTILE, transactionId: '4200000000000000000000000099' })),
    books.lineOf(await books.booked(database, { ...at, appid: 'wxours' })),
    books.lineOf(await books.booked(database, at), { feeMillifen: 90_000 }),
    books.refundLine(back),
    books.refundLine(books.refund(second)),
  ].map((line) => (line.appid === 'wxours' ? { ...line, appid: 'wxanother' } : line));
  const broken = books.fundsOf(back).map((it) => ({ ...it, rest: { balance: '5' } }));
  return { trade, funds: [...agreed.flatMap((it) => books.fundsOf(it)), ...broken] };
}
