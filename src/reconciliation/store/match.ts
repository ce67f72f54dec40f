import { and, eq, gte, lte, sql } from 'drizzle-orm';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { bills } from '../../db/schema.js';
import type { BillKind } from '../rules/bill-line.js';
import { ASKED_CLASSES, type DiscrepancyClass } from '../rules/classes.js';
import {
  BILLS_DEALT_WITH,
  daysAfter,
  POOL_DAYS,
  startOf,
  type BillDate,
  type BillState,
  type Verdict,
} from '../rules/day.js';
import type { ForeignPatterns } from '../rules/foreign.js';
import type { DayRef } from './bill.js';
import { openCounts } from './discrepancies.js';
import { matchBalances, matchBooked, matchFunds } from './match-funds.js';
import { awaitsReversals, matchLines } from './match-lines.js';
import { matchOwn, settlePools } from './match-own.js';
import { isLineOf } from './own-side.js';
import { judge, sumUp } from './sums.js';

export type DayToMatch = DayRef & { readonly foreign: ForeignPatterns; readonly now: Date };

/** `bill_missing`: the trade bill is still to come, and nothing was done. */
export type Matched = Verdict | 'bill_missing';

/**
 * Matches a day's bills with our books, both ways, and says what the day comes to. The same again over the same rows changes
 * nothing. A later day's run also settles what earlier ones await, bill or answer of WeChat Pay, and those days are judged
 * again. One day of a merchant at a time.
 */
export function matchDay(db: Db, day: DayToMatch): Promise<Matched> {
  return withTransaction(db, async (tx) => {
    await tx.execute(SETTINGS);
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('reconciliation'), hashtext(${day.mchid}))`);
    const known = await billsAround(tx, day);
    const trade = known.stateOf('trade', day.date);
    if (trade === 'waiting' || trade === 'importing') return 'bill_missing';
    const changed = await matchAll(tx, day, known);
    for (const date of changed) {
      await sumUp(tx, { ...day, date });
      await judge(tx, { ...day, date }, false);
    }
    await sumUp(tx, day);
    return judge(tx, day, true);
  });
}

/** Where a day is most of what we have, or statistics are older than it, Postgres would read all of our books instead of the day. */
const SETTINGS = sql`select set_config('statement_timeout', '600s', true), set_config('work_mem', '64MB', true),
  set_config('enable_seqscan', 'off', true)`;

/** Answers the other days that changed. A trade bill that is not trusted says nothing of any line. */
async function matchAll(tx: Tx, day: DayToMatch, known: KnownBills): Promise<BillDate[]> {
  const isTrusted = known.stateOf('trade', day.date) !== 'untrusted';
  const { mchid, date, foreign, now } = day;
  if (isTrusted) {
    await matchLines(tx, day, foreign, now);
    await matchOwn(tx, day, known.isOver('trade', date), now);
  }
  const isImported = (it: BillDate) => known.stateOf('trade', it) === 'imported';
  const open = await openCounts(tx, { mchid, from: daysAfter(date, -POOL_DAYS), to: date });
  // Of the days before this one, those with something open of these classes.
  const daysOpen = (classes: readonly DiscrepancyClass[]): BillDate[] =>
    daysBefore(date).filter((before) => open.some((it) => it.date === before && classes.includes(it.class)));
  // What WeChat Pay was asked about it may have answered after that day's own run.
  const reversed = (await awaitsReversals(tx, day)) ? [daysAfter(date, -1)] : [];
  const strays = await daysWithStrays(tx, day, isImported);
  const answered = [...new Set([...daysOpen(ASKED_CLASSES), ...reversed, ...strays])].filter(isImported);
  for (const it of answered) await matchLines(tx, { mchid, date: it }, foreign, now);
  const settled = await settlePools(tx, day, isTrusted, now);
  const booked = fundDays(date, known);
  for (const it of booked) await matchFunds(tx, { mchid, date: it }, known.fundWindow(it), now);
  const explained = [...daysOpen(['fund_foreign']), ...windowOf(date)].filter((it) => known.isExplained(it));
  for (const it of explained) await matchBooked(tx, { mchid, date: it }, now);
  const fundflow = known.stateOf('fundflow', date);
  if (fundflow === 'imported' || fundflow === 'none') await matchBalances(tx, day, now);
  return [...new Set([...answered, ...settled, ...booked, ...explained])].filter((it) => it !== date);
}

/** Days after this one whose bill was there first, and has lines of days before it: this day's may be among them. */
async function daysWithStrays(
  tx: Tx,
  { mchid, date }: DayRef,
  isImported: (date: BillDate) => boolean,
): Promise<BillDate[]> {
  const later = windowOf(date).slice(1).filter(isImported);
  const days = await Promise.all(
    later.map(async (it) => {
      const strays = await tx.execute(sql`select from bill_lines l where ${isLineOf({ mchid, date: it }, 'trade')}
        and l.at < ${startOf(it).toISOString()}::timestamptz limit 1`);
      return strays.length > 0 ? [it] : [];
    }),
  );
  return days.flat();
}

/** This day, and those before it whose last awaited fund-flow bill may be this one. */
function fundDays(date: BillDate, known: KnownBills): BillDate[] {
  const isWhole = (it: BillDate) => known.stateOf('trade', it) === 'imported' && known.hasFunds(it);
  return [...daysBefore(date).filter((it) => known.isOver('fundflow', it)), date].filter(isWhole);
}

type KnownBills = {
  stateOf(kind: BillKind, date: BillDate): BillState;
  /** Whether the bills of all days that may still have a line of this one were dealt with. */
  isOver(kind: BillKind, date: BillDate): boolean;
  /** Without any bill in all these days the merchant does not use the account that they are of. */
  hasFunds(date: BillDate): boolean;
  /** Whether the trade bills that may have what the account has on this day are there, or were never asked for. */
  isExplained(date: BillDate): boolean;
  fundWindow(date: BillDate): { readonly dates: BillDate[]; readonly isOver: boolean };
};

/** Locked against an import that would replace them meanwhile. */
async function billsAround(tx: Tx, { mchid, date }: DayRef): Promise<KnownBills> {
  const [from, to] = [daysAfter(date, -2 * POOL_DAYS), daysAfter(date, POOL_DAYS)];
  const rows = await tx
    .select({ date: bills.date, kind: bills.kind, state: bills.state })
    .from(bills)
    .where(and(eq(bills.mchid, mchid), gte(bills.date, from), lte(bills.date, to)))
    .orderBy(bills.date, bills.kind)
    .for('share');
  const states = new Map(rows.map((row) => [`${row.kind} ${row.date}`, row.state]));
  const stateOf = (kind: BillKind, day: BillDate) => states.get(`${kind} ${day}`) ?? 'waiting';
  const isDealtWith = (kind: BillKind) => (day: BillDate) => BILLS_DEALT_WITH.includes(stateOf(kind, day));
  const isOver = (kind: BillKind, day: BillDate) => windowOf(day).slice(1).every(isDealtWith(kind));
  return {
    stateOf,
    isOver,
    hasFunds: (day) => windowOf(day).some((it) => stateOf('fundflow', it) === 'imported'),
    isExplained: (day) =>
      stateOf('fundflow', day) === 'imported' &&
      ['imported', 'none'].includes(stateOf('trade', day)) &&
      !daysBefore(day).some((it) => ['importing', 'untrusted'].includes(stateOf('trade', it))),
    fundWindow: (day) => ({
      dates: windowOf(day).filter((it) => stateOf('fundflow', it) === 'imported'),
      isOver: isDealtWith('fundflow')(day) && isOver('fundflow', day),
    }),
  };
}

const daysBefore = (date: BillDate): BillDate[] =>
  Array.from({ length: POOL_DAYS }, (_, index) => daysAfter(date, index - POOL_DAYS));

const windowOf = (date: BillDate): BillDate[] =>
  Array.from({ length: POOL_DAYS + 1 }, (_, index) => daysAfter(date, index));
