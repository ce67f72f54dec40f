import { sql, type SQL } from 'drizzle-orm';
import { TRADE_TYPES } from '../../orders/rules/product.js';
import { ACCEPTED_REFUND_STATES } from '../../refunds/rules/states.js';
import { literals } from '../../db/columns.js';
import { daysAfter, MIDNIGHT_MINUTES, POOL_DAYS, startOf, type BillDate } from '../rules/day.js';
import type { DayRef } from './bill.js';

/** Own payments that a query confirmed, by WeChat Pay's time of success. `a` names the attempt. */
export const isPaidOn = (day: DayRef): SQL =>
  sql`a.mchid = ${day.mchid} and ${isWithin(sql`a.paid_at`, day.date)} and a.paid_fen > 0`;

/** Own refunds that WeChat Pay accepted, by its time of acceptance or what comes nearest of what is known; `r` names the refund. */
export const isAcceptedOn = (day: DayRef): SQL =>
  sql`r.mchid = ${day.mchid} and ${isWithin(sql`r.booked_at`, day.date)} and ${isAccepted}`;

/** Of a refund `r`: WeChat Pay has it by our books, whatever became of it. */
export const isAccepted = sql`(r.refund_id is not null and r.state in (${literals(ACCEPTED_REFUND_STATES)}))`;

const isWithin = (at: SQL, date: BillDate): SQL =>
  sql`${at} >= ${instantOf(date)} and ${at} < ${instantOf(daysAfter(date, 1))}`;

const instantOf = (date: BillDate): SQL => sql`${startOf(date).toISOString()}::timestamptz`;

/** WeChat Pay's word for the product of attempt `name`. */
export const tradeTypeOf = (name: string): SQL => {
  const words = Object.entries(TRADE_TYPES).map(([product, word]) => `when '${product}' then '${word}'`);
  return sql.raw(`case ${name}.product ${words.join(' ')} end`);
};

/** Lines of one bill; `l` names the line. Joined with nothing but its day's partition. */
export const isLineOf = ({ mchid, date }: DayRef, kind: 'trade' | 'fundflow'): SQL =>
  sql`l.mchid = ${mchid} and l.date = ${date}::date and l.kind = '${sql.raw(kind)}'`;

/** Joins the bill of line `name`, as long as it is a trade bill that counts. */
export const isImported = (name: string): SQL =>
  sql.raw(`join bills b on b.mchid = ${name}.mchid and b.date = ${name}.date and b.kind = 'trade' and ${name}.kind = 'trade'
    and b.state = 'imported'`);

/** Whether a bill of the days after `date`, as long as one is awaited, has the reversal of the payment `name`. */
export const isReversedAfter = (name: string, date: SQL): SQL => {
  const own = sql.raw(name);
  return sql`exists (select from bill_lines n ${isImported('n')} where n.mchid = ${own}.mchid and n.class = 'reversed'
    and n.type = 'reversal' and n.transaction_id = ${own}.transaction_id and n.date > ${date} and n.date <= ${date} + ${sql.raw(String(POOL_DAYS))})`;
};

/** Whether the time of a line is another than ours by more than WeChat Pay's clocks may differ; one that we do not know is none. */
export const isAtOtherTime = (line: string, own: string): string =>
  `coalesce(abs(extract(epoch from ${line} - (${own}))) > ${MIDNIGHT_MINUTES * 60}, false)`;

/**
 * At most one row for each of what stands before it, found by index: a subquery with a limit is never turned into a join that would
 * read the whole table.
 */
export const lookedUp = (name: string, select: SQL): SQL =>
  sql`left join lateral (${select} limit 1) ${sql.raw(name)} on true`;
