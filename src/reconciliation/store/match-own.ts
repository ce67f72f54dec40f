import { sql, type SQL } from 'drizzle-orm';
import type { Tx } from '../../db/connection.js';
import { literals } from '../../db/columns.js';
import { BILLS_DEALT_WITH, daysAfter, POOL_DAYS, type BillDate } from '../rules/day.js';
import type { DayRef } from './bill.js';
import { asGone, isStanding, recordFindings } from './findings.js';
import { isAcceptedOn, isImported, isLineOf, isPaidOn, lookedUp } from './own-side.js';

const MISSING = ['missing_at_wechat', 'refund_missing_at_wechat'] as const;

/** Classes of lines that may name a payment or refund by our number alone. */
const UNDER_OUR_NUMBER = literals(['identity', 'duplicate_line']);

/**
 * Own payments and refunds of a day that no trade bill has: in the pool while bills are to come (`isOver` false), then missing.
 */
export async function matchOwn(tx: Tx, day: DayRef, isOver: boolean, now: Date): Promise<void> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const isExpected = sql.raw(isOver ? 'false' : 'true');
  await recordFindings(tx, day, {
    classes: MISSING,
    tables: [
      ...absent(day),
      sql`pooled as (
        insert into reconciliation_pool as p (mchid, date, ${POOL_COLUMNS}, at)
        select ${day.mchid}, ${day.date}::date, ${POOL_COLUMNS}, at from absent where ${isExpected}
        on conflict (mchid, date, subject_key) do update set left_at = null where p.left_at is not null)`,
      sql`gone as (
        update reconciliation_pool p set left_at = ${at}
        where p.mchid = ${day.mchid} and p.date = ${day.date}::date and p.left_at is null
          and not (${isExpected} and exists (select from absent a where a.subject_key = p.subject_key)))`,
    ],
    rows: sql`select ${missingOf('absent')} from absent where not ${isExpected}`,
    now,
  });
}

const POOL_COLUMNS = sql.raw(
  'subject_key, subject, order_no, out_trade_no, transaction_id, out_refund_no, refund_id, own_fen',
);

/** As a finding, from rows with the pool's columns. */
const missingOf = (rows: string): SQL =>
  sql.raw(`case ${rows}.subject when 'payment' then 'missing_at_wechat' else 'refund_missing_at_wechat' end as class, subject_key,
    subject, null as kind, null::int as line_no, order_no, out_trade_no, transaction_id, out_refund_no, refund_id,
    null::bigint as bill_fen, own_fen, '{}'::jsonb as differences`);

/**
 * Accounted for is what a line has under WeChat Pay's number, or, where that number is nobody's here, under ours: a line accounts for
 * one payment only. What is not in its own day's bill is looked for in those around it.
 */
const absent = (day: DayRef): SQL[] => [
  sql`unseen as materialized (${unseenPayments(day)} union all ${unseenRefunds(day)})`,
  sql`taken as materialized (${taken(day)})`,
  sql`absent as materialized (
    select u.* from unseen u
    ${lookedUp(
      'n',
      sql`select n.line_no from bill_lines n ${isImported('n')} where n.mchid = ${day.mchid} and n.number = u.number
        and n.type = u.subject and ${isAround('n', day.date)}`,
    )}
    where n.line_no is null and not exists (select from taken t where t.type = u.subject and t.own_no = u.own_no))`,
];

const unseenPayments = (day: DayRef): SQL => sql`
  select 'payment:' || a.transaction_id as subject_key, 'payment' as subject, a.order_no, a.out_trade_no, a.transaction_id,
    null as out_refund_no, null as refund_id, a.paid_fen as own_fen, a.paid_at as at, a.transaction_id as number,
    a.out_trade_no as own_no
  from attempts a where ${isPaidOn(day)} and not exists (
    select from bill_lines l where ${isLineOf(day, 'trade')} and l.type = 'payment' and l.number = a.transaction_id)`;

/** What was paid outside of WeChat Pay in the end is in no bill that has to agree. */
const unseenRefunds = (day: DayRef): SQL => sql`
  select 'refund:' || r.refund_id, 'refund', r.order_no, r.out_trade_no, a.transaction_id, r.out_refund_no, r.refund_id, r.amount_fen,
    r.booked_at, r.refund_id, r.out_refund_no
  from refunds r
  ${lookedUp('a', sql`select a.transaction_id from attempts a where a.mchid = r.mchid and a.out_trade_no = r.out_trade_no`)}
  where ${isAcceptedOn(day)} and not r.offline and not exists (
    select from bill_lines l where ${isLineOf(day, 'trade')} and l.type = 'refund' and l.number = r.refund_id)`;

/** Our numbers of lines whose number at WeChat Pay is nobody's here. */
const taken = (day: DayRef): SQL => sql`
  select n.type, case n.type when 'refund' then n.out_refund_no else n.out_trade_no end as own_no
  from bill_lines n ${isImported('n')}
  ${lookedUp('a', sql`select a.order_no from attempts a where n.type = 'payment' and a.mchid = n.mchid and a.transaction_id = n.number`)}
  ${lookedUp('r', sql`select r.order_no from refunds r where n.type = 'refund' and r.mchid = n.mchid and r.refund_id = n.number`)}
  where n.mchid = ${day.mchid} and ${isAround('n', day.date)} and n.class in (${UNDER_OUR_NUMBER})
    and a.order_no is null and r.order_no is null`;

const isAround = (line: string, date: BillDate): SQL =>
  sql`${sql.raw(line)}.date between ${daysAfter(date, -POOL_DAYS)}::date and ${daysAfter(date, POOL_DAYS)}::date`;

/**
 * What this day's trade bill ends of other days. If it is trusted, and matched already, what it has leaves their pools and is missing
 * no more. What has been in a pool for three more bills is missing. Answers the days that changed.
 */
export async function settlePools(tx: Tx, day: DayRef, isTrusted: boolean, now: Date): Promise<BillDate[]> {
  const found = isTrusted ? await leavePools(tx, day, now) : [];
  const over = await tx.execute<Touched>(sql`
    select p.date::text as date from reconciliation_pool p
    where p.mchid = ${day.mchid} and p.date <> ${day.date}::date and p.left_at is null group by p.date
    having (select count(*) from bills b where b.mchid = ${day.mchid} and b.kind = 'trade' and b.date > p.date
      and b.date <= p.date + ${POOL_DAYS}::int and b.state in (${literals(BILLS_DEALT_WITH)})) = ${POOL_DAYS}::int`);
  for (const { date } of over) await giveUp(tx, { mchid: day.mchid, date }, now);
  return [...new Set([...found, ...over.map(({ date }) => date)])];
}

async function leavePools(tx: Tx, day: DayRef, now: Date): Promise<BillDate[]> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const left = await tx.execute<Touched>(sql`
    update reconciliation_pool p set left_at = ${at}
    where p.mchid = ${day.mchid} and p.date <> ${day.date}::date and p.left_at is null and ${isInBill('p', day)}
    returning p.date::text as date`);
  const repaired = await tx.execute<Touched>(sql`
    update discrepancies d set ${asGone(at, sql`case when d.date < ${day.date}::date then 'later_bill' else 'rerun' end`)}
    where d.mchid = ${day.mchid} and d.date <> ${day.date}::date and ${isStanding}
      and d.class in (${literals(MISSING)}) and ${isInBill('d', day)}
    returning d.date::text as date`);
  return [...left, ...repaired].map(({ date }) => date);
}

type Touched = { readonly date: BillDate };

const isInBill = (name: string, day: DayRef): SQL => {
  const own = sql.raw(name);
  return sql`(exists (select from bill_lines l where ${isLineOf(day, 'trade')} and l.type = ${own}.subject
      and l.number = coalesce(${own}.refund_id, ${own}.transaction_id))
    or exists (select from bill_lines l where ${isLineOf(day, 'trade')} and l.type = ${own}.subject
      and l.class in (${UNDER_OUR_NUMBER})
      and case l.type when 'refund' then l.out_refund_no = ${own}.out_refund_no and not exists (
          select from refunds r where r.mchid = l.mchid and r.refund_id = l.number)
        else l.out_trade_no = ${own}.out_trade_no and not exists (
          select from attempts a where a.mchid = l.mchid and a.transaction_id = l.number) end))`;
};

async function giveUp(tx: Tx, day: DayRef, now: Date): Promise<void> {
  await recordFindings(tx, day, {
    classes: [],
    tables: [
      sql`given_up as (
        update reconciliation_pool set left_at = ${now.toISOString()}::timestamptz
        where mchid = ${day.mchid} and date = ${day.date}::date and left_at is null returning *)`,
    ],
    rows: sql`select ${missingOf('given_up')} from given_up`,
    now,
  });
}
