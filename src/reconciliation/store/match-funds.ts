import { sql, type SQL } from 'drizzle-orm';
import type { Tx } from '../../db/connection.js';
import type { BillDate } from '../rules/day.js';
import type { DayRef } from './bill.js';
import { recordFindings } from './findings.js';
import { isImported, isLineOf } from './own-side.js';

export type FundWindow = {
  /** Days whose fund-flow bills are imported: the trade bill's own and those after it. */
  readonly dates: readonly BillDate[];
  /** No more of them are to come: what is not booked by now is missing. */
  readonly isOver: boolean;
};

/**
 * Each payment and refund of a trade bill against what the account's bills book under its number, on whichever of these days. A
 * payment is booked as what is settled and a fee; what other systems take is their own affair.
 */
export async function matchFunds(tx: Tx, day: DayRef, { dates, isOver }: FundWindow, now: Date): Promise<void> {
  const days = sql.join(
    dates.map((date) => sql`${date}::date`),
    sql`, `,
  );
  await recordFindings(tx, day, {
    classes: ['fund_missing', 'fund_amount'],
    tables: [sql`booked as materialized (${booked(day, dates.length === 0 ? sql`null` : days, isOver)})`],
    rows,
    now,
  });
}

/** Trade lines that are not booked as they should be; a fee may come a day after its payment. */
const booked = (day: DayRef, days: SQL, isOver: boolean): SQL => sql`
  select l.*, f.main_count, f.main_fen, f.wrong_fen, f.fee_fen from bill_lines l
  cross join lateral (
    select count(*) filter (where not it.is_fee) as main_count,
      sum(f.amount_fen) filter (where not it.is_fee and it.is_right_way) as main_fen,
      sum(f.amount_fen) filter (where not it.is_right_way) as wrong_fen,
      coalesce(sum(f.amount_fen) filter (where it.is_fee), 0) as fee_fen, count(*) filter (where it.is_fee) as fee_count
    from bill_lines f
    cross join lateral (select f.fund_type like '%手续费%' as is_fee) it0
    cross join lateral (select it0.is_fee, (f.type = 'in') = ((l.type = 'payment') <> it0.is_fee) as is_right_way) it
    where f.mchid = ${day.mchid} and f.date in (${days}) and f.kind = 'fundflow' and f.number = l.number and f.type in ('in', 'out')
      and (it.is_right_way or f.fund_type = case l.type when 'payment' then '交易' else '退款' end)) f
  where ${isLineOf(day, 'trade')} and l.type in ('payment', 'refund') and l.settled_fen > 0
    and (l.class is null or l.class not in ('reversed', 'duplicate_line') and (l.class <> 'foreign' or l.is_discrepant))
    and case when f.main_count = 0 then ${sql.raw(String(isOver))}
      else f.main_fen is distinct from l.settled_fen or f.wrong_fen is not null
        or (f.fee_count > 0 or ${sql.raw(String(isOver))}) and abs(f.fee_fen * 1000 - abs(l.fee_millifen)) > 1000 end`;

const rows = sql.raw(`
  select distinct on (class, subject_key) case b.main_count when 0 then 'fund_missing' else 'fund_amount' end as class,
    b.type || ':' || b.number as subject_key, b.type as subject, 'trade' as kind, b.line_no, null as order_no, b.out_trade_no,
    b.transaction_id, b.out_refund_no, case b.type when 'refund' then b.number end as refund_id, coalesce(b.main_fen, b.wrong_fen)::bigint as bill_fen,
    b.settled_fen as own_fen, jsonb_strip_nulls(jsonb_build_object(
      'feeMillifen', case when b.main_count > 0 and abs(b.fee_fen * 1000 - abs(b.fee_millifen)) > 1000 then
        jsonb_build_object('bill', b.fee_fen * 1000, 'own', abs(b.fee_millifen)) end,
      'direction', case when b.wrong_fen is not null then case b.type when 'payment' then
        jsonb_build_object('bill', 'out', 'own', 'in') else jsonb_build_object('bill', 'in', 'own', 'out') end end)) as differences
  from booked b order by class, subject_key, line_no`);

/**
 * Payments and refunds that the account has on this day, and neither a trade bill nor our books. Withdrawals, fees and the rest are
 * not ours to judge.
 */
export async function matchBooked(tx: Tx, day: DayRef, now: Date): Promise<void> {
  const known = (select: SQL) => sql`(${select} limit 1) is not null`;
  const { mchid } = day;
  await recordFindings(tx, day, {
    classes: ['fund_foreign'],
    tables: [
      sql`unseen as materialized (
        select l.* from bill_lines l where ${isLineOf(day, 'fundflow')} and l.fund_type in ('交易', '退款')
          and not exists (select from bill_lines t where t.mchid = ${mchid} and t.date = ${day.date}::date and t.kind = 'trade'
            and t.number = l.number))`,
      sql`unknown as materialized (
        select u.* from unseen u where not ${known(sql`
          select a.number from attempts a where a.mchid = ${mchid} and a.transaction_id = u.number`)} and not ${known(sql`
          select r.seq from refunds r where r.mchid = ${mchid} and r.refund_id = u.number`)} and not ${known(sql`
          select n.line_no from bill_lines n ${isImported('n')} where n.mchid = ${mchid} and n.number = u.number`)})`,
    ],
    rows: sql.raw(`
      select 'fund_foreign' as class, it.subject || ':' || it.number as subject_key, it.subject, 'fundflow' as kind,
        min(it.line_no) as line_no, null as order_no, null as out_trade_no,
        case it.subject when 'payment' then it.number end as transaction_id, null as out_refund_no,
        case it.subject when 'refund' then it.number end as refund_id, sum(it.amount_fen)::bigint as bill_fen,
        null::bigint as own_fen, jsonb_build_object('direction', string_agg(distinct it.type, ' ')) as differences
      from (select *, case fund_type when '退款' then 'refund' else 'payment' end as subject from unknown) it
      group by it.subject, it.number`),
    now,
  });
}

/** Whether each balance follows from the line before it; of all that do not, one discrepancy, at the first. */
export async function matchBalances(tx: Tx, day: DayRef, now: Date): Promise<void> {
  await recordFindings(tx, day, {
    classes: ['balance_chain'],
    tables: [
      sql`chain as (
        select l.line_no, l.account_balance, lag(l.account_balance) over (order by l.line_no)
          + case l.type when 'in' then l.amount_fen else -l.amount_fen end as expected
        from bill_lines l where ${isLineOf(day, 'fundflow')})`,
      sql`broken as (select *, count(*) over () as breaks from chain where account_balance <> expected)`,
    ],
    rows: sql`
      select 'balance_chain' as class, 'account:' || ${day.date}::text as subject_key, 'account' as subject,
        'fundflow' as kind, line_no, null as order_no, null as out_trade_no, null as transaction_id, null as out_refund_no,
        null as refund_id, null::bigint as bill_fen, null::bigint as own_fen, jsonb_build_object('breaks', breaks,
          'balanceFen', jsonb_build_object('bill', account_balance, 'own', expected)) as differences
      from broken order by line_no limit 1`,
    now,
  });
}
