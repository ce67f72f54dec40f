import { and, count, eq, gte, inArray, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Mchid } from '../../base/ids.js';
import { literals } from '../../db/columns.js';
import type { Db, Tx } from '../../db/connection.js';
import { sumOf } from '../../db/heap.js';
import { gatewayCalls, orders, refunds } from '../../db/schema.js';

type Merchants = readonly Mchid[];

/** What was paid since then, by the hour in which it was and by what found it. */
export async function paidByHour(db: Db | Tx, mchids: Merchants, since: Date) {
  const hour = startOf('1 hour', orders.paidAt);
  return db
    .select({ hour: secondsOf(hour), foundBy: orders.foundBy, count: count(), sumFen: sumOf(orders.paidFen) })
    .from(orders)
    .where(isPaidSince(mchids, since))
    .groupBy(hour, orders.foundBy);
}

/** Upper ends, in seconds, of what {@link timesToPay} counts; the last group has none. */
export const TIME_TO_PAY_SECONDS = [10, 30, 60, 120, 300, 900, 3_600, 86_400] as const;

/** Orders by the time from creation to payment: one count per step of {@link TIME_TO_PAY_SECONDS}. */
export async function timesToPay(db: Db | Tx, mchids: Merchants, since: Date): Promise<number[]> {
  const ends = sql.raw(`array[${TIME_TO_PAY_SECONDS.map((end) => `interval '${end} s'`).join(', ')}]`);
  const group = sql`width_bucket(${orders.paidAt} - ${orders.createdAt}, ${ends})`.mapWith(Number);
  const rows = await db.select({ group, count: count() }).from(orders).where(isPaidSince(mchids, since)).groupBy(group);
  return [...TIME_TO_PAY_SECONDS, Infinity].map((_, n) => rows.find((row) => row.group === n)?.count ?? 0);
}

/** Of the orders that were placed since then, those that ended without money. */
export async function closedOfPlaced(db: Db | Tx, mchids: Merchants, since: Date) {
  return db
    .select({ closedReason: orders.closedReason, count: count(), sumFen: sumOf(orders.amountFen) })
    .from(orders)
    .where(and(of(orders.mchid, mchids), eq(orders.state, 'closed'), gte(orders.createdAt, since)))
    .groupBy(orders.closedReason);
}

/** Refunds asked for since then, by Beijing's day (its start) and the state they are in now. */
export async function refundsByDay(db: Db | Tx, mchids: Merchants, since: Date) {
  // The bins begin at midnight in Beijing.
  const day = startOf('1 day', refunds.createdAt);
  return db
    .select({ day: secondsOf(day), state: refunds.state, count: count(), sumFen: sumOf(refunds.amountFen) })
    .from(refunds)
    .where(and(of(refunds.mchid, mchids), gte(refunds.createdAt, since)))
    .groupBy(day, refunds.state);
}

/** Answers of WeChat Pay that say what was asked, whatever it is; all else kept a call from its end. */
const ANSWERS = [
  'ok',
  'opened',
  'paid',
  'refunded',
  'notPaid',
  'closed',
  'notExist',
  'accepted',
  'alreadyPaid',
  'alreadyClosed',
  'tooEarly',
  'found',
];

/** `error` is null for calls that were answered. */
export async function callsByHour(db: Db | Tx, mchids: Merchants, since: Date) {
  const hour = startOf('1 hour', gatewayCalls.at);
  const { outcome } = gatewayCalls;
  const error = sql<string | null>`case when ${outcome} in (${literals(ANSWERS)}) then null else ${outcome} end`;
  return db
    .select({ hour: secondsOf(hour), error, count: count() })
    .from(gatewayCalls)
    .where(and(of(gatewayCalls.mchid, mchids), gte(gatewayCalls.at, since)))
    .groupBy(hour, error);
}

const of = (column: PgColumn, mchids: Merchants): SQL => inArray(column, [...mchids]);

const isPaidSince = (mchids: Merchants, since: Date): SQL | undefined =>
  and(of(orders.mchid, mchids), sql`${orders.state} = 'paid'`, gte(orders.paidAt, since));

/** Grouped by a time and read as seconds: cheaper by far than grouping by a number made of each row's time. */
const startOf = (step: '1 hour' | '1 day', at: PgColumn): SQL =>
  sql`date_bin(${sql.raw(`interval '${step}'`)}, ${at}, timestamptz '1970-01-01 00:00:00+08')`;

const secondsOf = (start: SQL): SQL<Date> =>
  sql`extract(epoch from ${start})`.mapWith((seconds) => new Date(Number(seconds) * 1_000));
