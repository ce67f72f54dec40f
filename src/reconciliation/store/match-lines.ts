import { sql, type SQL } from 'drizzle-orm';
import { MINUTE } from '../../base/time.js';
import type { Tx } from '../../db/connection.js';
import type { DiscrepancyClass } from '../rules/classes.js';
import { literals } from '../../db/columns.js';
import { BILLS_DEALT_WITH, daysAfter, MIDNIGHT_MINUTES, POOL_DAYS, startOf } from '../rules/day.js';
import { likeOf, type ForeignPatterns } from '../rules/foreign.js';
import type { DayRef } from './bill.js';
import { recordFindings } from './findings.js';
import {
  isAccepted,
  isAcceptedOn,
  isAtOtherTime,
  isImported,
  isLineOf,
  isPaidOn,
  isReversedAfter,
  lookedUp,
  tradeTypeOf,
} from './own-side.js';

/** What the lines of a trade bill are found to be. The first that fits is the line's own class; all become discrepancies. */
const LINE_CLASSES = [
  'duplicate_line',
  'identity',
  'amount',
  'paid_not_here',
  'refund_not_here',
  'refund_amount',
  'refund_status',
  'reversed',
  'foreign',
  'fee',
] as const satisfies readonly DiscrepancyClass[];

type LineClass = (typeof LINE_CLASSES)[number];

/** Of a day whose trade bill is imported: each line against our books. What agrees in all is left as it is. */
export async function matchLines(tx: Tx, day: DayRef, foreign: ForeignPatterns, now: Date): Promise<void> {
  const tables = [
    sql`doubled as materialized (${doubled(day)})`,
    sql`odd as materialized (${odd(day)})`,
    sql`looked as materialized (${looked(day)})`,
    sql`told as materialized (${told(day, foreign)})`,
    sql`judged as materialized (${judged})`,
    sql`marked as (${marked(day)})`,
    sql`cleared as (${cleared(day)})`,
  ];
  await recordFindings(tx, day, { classes: LINE_CLASSES, tables, rows: found, now });
}

/** Whether a bill of one of the days before has the same thing as line `l` too: the first that has it counts. */
const isInEarlierBill = (l: string, { mchid, date }: DayRef, from: SQL): SQL => sql`(
  select n.line_no from bill_lines n ${isImported('n')} where n.mchid = ${mchid} and n.number = ${sql.raw(l)}.number
    and n.type = ${sql.raw(l)}.type and n.date >= ${from} and n.date < ${date}::date limit 1) is not null`;

/** The day before the one that a line of ours is of; what nobody here knows is awaited in no bill, and looked for as long. */
const firstDay = ({ date }: DayRef): SQL =>
  sql`coalesce((case k.type when 'refund' then k.r_booked_at else k.p_paid_at end at time zone 'Asia/Shanghai')::date - 1,
    ${daysAfter(date, -POOL_DAYS)}::date)`;

/** Whether line `l` may be in the bill of the day before, too. */
const isOfMidnight = (day: DayRef): SQL =>
  sql`l.at < ${new Date(startOf(day.date).getTime() + MIDNIGHT_MINUTES * MINUTE).toISOString()}::timestamptz`;

/** Payments and refunds that the bill has more than once. */
const doubled = (day: DayRef): SQL => sql`
  select l.type, l.number, min(l.line_no) as first_no from bill_lines l where ${isLineOf(day, 'trade')}
  group by l.type, l.number having count(*) > 1`;

/** Lines that do not agree in all with an own row of the same day: a few, of which the rest of the statement is about. */
const odd = (day: DayRef): SQL => sql`
  select l.line_no from bill_lines l where ${isLineOf(day, 'trade')} and l.type = 'payment' and not exists (
    select from attempts a where ${isPaidOn(day)} and a.transaction_id = l.number and a.out_trade_no = l.out_trade_no
      and a.paid_fen = l.amount_fen and a.appid = l.appid and ${tradeTypeOf('a')} = l.trade_type and not ${sql.raw(isAtOtherTime('l.at', 'a.paid_at'))})
  union select l.line_no from bill_lines l where ${isLineOf(day, 'trade')} and l.type = 'refund' and not exists (
    select from refunds r cross join lateral (select a.* from attempts a
        where a.mchid = r.mchid and a.out_trade_no = r.out_trade_no limit 1) a
      where ${isAcceptedOn(day)} and r.refund_id = l.number and r.out_refund_no = l.out_refund_no
        and r.amount_fen = l.amount_fen and r.out_trade_no = l.out_trade_no and a.transaction_id = l.transaction_id
        and a.appid = l.appid and ${tradeTypeOf('a')} = l.trade_type and not ${sql.raw(isAtOtherTime('l.at', 'r.accepted_at'))})
  union select l.line_no from bill_lines l where ${isLineOf(day, 'trade')} and ${isOfMidnight(day)}
    and ${isInEarlierBill('l', day, sql`${daysAfter(day.date, -1)}::date`)}
  union select l.line_no from bill_lines l where ${isLineOf(day, 'trade')} and (l.type = 'reversal' or ${sql.raw(isFailed('l'))})
  union select l.line_no from bill_lines l where ${isLineOf(day, 'trade')} and ${isFeeOff}
  union select l.line_no from bill_lines l join doubled d on d.type = l.type and d.number = l.number
    where ${isLineOf(day, 'trade')} and l.line_no > d.first_no`;

/** What the fee should be, in fen: of what is settled, rounded. A refund gives back none of it or all, as the bill of the day says; so does a reversal. */
const feeFen = sql`round(l.settled_fen::numeric * l.rate_ppm / 1000000)`;

const isFeeOff = sql`(l.rate_ppm is not null and case l.type
  when 'refund' then l.fee_millifen > 1000 or l.fee_millifen < -1000 * (${feeFen} + 1)
  when 'reversal' then abs(l.fee_millifen) > 1000 * (${feeFen} + 1)
  else abs(l.fee_millifen - 1000 * ${feeFen}) > 1000 end)`;

/** Each odd line with the own payment and refund that its numbers name: WeChat Pay's number first, then ours. */
const looked = (day: DayRef): SQL => sql`
  select l.*, ${isFeeOff} as is_fee_off, ${feeFen} as fee_fen, coalesce(l.line_no > d.first_no, false) as is_again,
    p.order_no as p_order_no, p.paid_at as p_paid_at, p.out_trade_no as p_out_trade_no, p.transaction_id as p_transaction_id, p.paid_fen as p_paid_fen,
    p.appid as p_appid, p.foreign_trade as p_is_foreign, p.reversing and p.state = 'closed' as p_is_undone,
    ${tradeTypeOf('p')} as p_trade_type, p.payment ->> 'tradeType' as told_type,
    r.order_no as r_order_no, r.out_refund_no as r_out_refund_no, r.refund_id as r_refund_id, r.out_trade_no as r_out_trade_no,
    r.amount_fen as r_amount_fen, r.state as r_state, r.accepted_at as r_accepted_at, r.booked_at as r_booked_at, ${isAccepted} as r_is_accepted
  from odd o
  join bill_lines l on ${isLineOf(day, 'trade')} and l.line_no = o.line_no
  left join doubled d on d.type = l.type and d.number = l.number
  ${lookedUp('p', sql`select a.* from (${namedPayments(day)}) a order by a.rank`)}
  ${lookedUp('r', sql`select r.* from (${namedRefunds(day)}) r order by r.rank`)}`;

const namedPayments = ({ mchid }: DayRef): SQL => sql`
  select 1 as rank, a.* from attempts a where a.mchid = ${mchid} and a.transaction_id = l.transaction_id
  union all select 2, a.* from attempts a where a.mchid = ${mchid} and a.out_trade_no = l.out_trade_no`;

const namedRefunds = ({ mchid }: DayRef): SQL => sql`
  select 1 as rank, r.* from refunds r where l.type = 'refund' and r.mchid = ${mchid} and r.refund_id = l.number
  union all
  select 2, r.* from refunds r where l.type = 'refund' and r.mchid = ${mchid} and r.out_refund_no = l.out_refund_no`;

/** What is known of each odd line. A trade that somebody else made under a number of ours is as little ours as an unknown one. */
const told = (day: DayRef, foreign: ForeignPatterns): SQL => sql`
  select k.*, k.is_again or ${isInEarlierBill('k', day, firstDay(day))} as is_double, k.p_order_no is not null and not k.p_is_foreign as is_ours,
    k.p_order_no is null and k.r_order_no is null and ${isDeclared(foreign)} as is_declared,
    k.type = 'payment' and (exists (select from looked v where v.type = 'reversal' and v.transaction_id = k.transaction_id)
      or k.p_paid_fen = 0 and (${isReversedLater(day)})) as is_reversed,
    case when (k.p_order_no is null or k.p_is_foreign) and k.r_order_no is null then '{}'::jsonb else ${differences} end as differs
  from looked k`;

/** A later bill has its reversal; until the next one is there, our own word that it was reversed is as good. */
const isReversedLater = ({ mchid, date }: DayRef): SQL => sql`
  ${isReversedAfter('k', sql`${date}::date`)}
  or k.p_is_undone and not exists (select from bills b where b.mchid = ${mchid} and b.date = ${daysAfter(date, 1)}::date
    and b.kind = 'trade' and b.state in (${literals(BILLS_DEALT_WITH)}))`;

/** The day before has payments whose reversal this day's bill has to have. */
export async function awaitsReversals(tx: Tx, { mchid, date }: DayRef): Promise<boolean> {
  const before = { mchid, date: daysAfter(date, -1) };
  const rows = await tx.execute(sql`
    select from bill_lines l where ${isLineOf(before, 'trade')} and l.class = 'reversed' and l.type = 'payment' and not exists (
      select from bill_lines v where v.mchid = l.mchid and v.date = l.date and v.class = 'reversed' and v.type = 'reversal'
        and v.transaction_id = l.transaction_id) limit 1`);
  return rows.length > 0;
}

const isDeclared = ({ outTradeNos, appids }: ForeignPatterns): SQL => {
  const listed = (values: readonly string[]) =>
    sql`any (array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb)))`;
  return sql`((k.out_trade_no collate "C") like ${listed(outTradeNos.map(likeOf))} or k.appid = ${listed(appids)})`;
};

/** `2026-03-01 18:05:09`, Beijing time. */
const clock = (at: string): string => `to_char((${at}) at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')`;

/** Fields in which the line says another thing than our rows. A trade type that a query said as well is no difference. */
const differences = ((): SQL => {
  const field = (name: string, bill: string, own: string, isDifferent = `${own} <> ${bill}`) =>
    `'${name}', case when ${isDifferent} then jsonb_build_object('bill', ${bill}, 'own', ${own}) end`;
  const ownTradeNo = 'coalesce(nullif(k.r_out_trade_no, k.out_trade_no), k.p_out_trade_no)';
  const ownTime = `case k.type when 'refund' then k.r_accepted_at when 'payment' then k.p_paid_at end`;
  const isOtherType = 'k.p_trade_type <> k.trade_type and k.told_type is distinct from k.trade_type';
  const fields = [
    field('outTradeNo', 'k.out_trade_no', ownTradeNo),
    field('transactionId', 'k.transaction_id', 'k.p_transaction_id'),
    field('outRefundNo', 'k.out_refund_no', 'k.r_out_refund_no'),
    field('refundId', 'k.number', 'k.r_refund_id'),
    field('appid', 'k.appid', 'k.p_appid'),
    field('tradeType', 'k.trade_type', 'k.p_trade_type', isOtherType),
    field('time', clock('k.at'), clock(ownTime), isAtOtherTime('k.at', ownTime)),
  ];
  return sql.raw(`jsonb_strip_nulls(jsonb_build_object(${fields.join(', ')}))`);
})();

/** Line `name` is of a refund that did not reach the payer: 退款状态 FAIL, or CHANGE, where the merchant has to pay it out. */
const isFailed = (name: string): string => `${name}.type = 'refund' and ${name}.refund_status in ('FAIL', 'CHANGE')`;

/** In the order in which the first that holds names the line. */
const CONDITIONS: Readonly<Record<LineClass, string>> = {
  duplicate_line: 't.is_double',
  identity: `t.differs <> '{}'`,
  amount: `t.type = 'payment' and t.is_ours and t.p_paid_fen > 0 and t.p_paid_fen <> t.amount_fen`,
  paid_not_here: `t.type = 'payment' and t.is_ours and t.p_paid_fen = 0 and not t.is_reversed`,
  refund_not_here: `t.type = 'refund' and case when t.r_order_no is null then t.is_ours else not t.r_is_accepted end`,
  refund_amount: `t.type = 'refund' and t.r_is_accepted and t.r_amount_fen <> t.amount_fen`,
  refund_status: `${isFailed('t')} and t.r_is_accepted and t.r_state in ('processing', 'succeeded')`,
  reversed: `t.is_ours and (t.type = 'reversal' or t.type = 'payment' and t.p_paid_fen = 0 and t.is_reversed)`,
  foreign: 'not t.is_ours and t.r_order_no is null',
  fee: 't.is_fee_off',
};

/** All classes of a line, and those of them that are no discrepancy: declared numbers, and a reversal of what we do not claim. */
const judged = ((): SQL => {
  const all = LINE_CLASSES.map((name) => `case when ${CONDITIONS[name]} then '${name}' end`);
  return sql.raw(`
    select t.*, case when t.is_declared then array['foreign'] else array_remove(array[${all.join(', ')}], null) end as classes,
      case when t.is_declared then 'foreign' when t.is_ours and t.p_paid_fen = 0 then 'reversed' end as quiet
    from told t`);
})();

const marked = (day: DayRef): SQL => sql`
  update bill_lines l set class = j.classes[1], is_discrepant = j.classes[1] is not null and j.classes[1] is distinct from j.quiet
  from judged j
  where ${isLineOf(day, 'trade')} and l.line_no = j.line_no and (l.class, l.is_discrepant) is distinct from
    (j.classes[1], j.classes[1] is not null and j.classes[1] is distinct from j.quiet)`;

/** Lines that agree now and did not on an earlier run. */
const cleared = (day: DayRef): SQL => sql`
  update bill_lines l set class = null, is_discrepant = false
  where ${isLineOf(day, 'trade')} and l.class is not null
    and not exists (select from judged j where j.line_no = l.line_no)`;

const found = sql.raw(`
  select distinct on (c.class, f.subject_key) c.class, f.subject_key, f.subject, 'trade' as kind, j.line_no,
    coalesce(j.r_order_no, j.p_order_no) as order_no, j.out_trade_no, j.transaction_id,
    j.out_refund_no, case when j.type = 'refund' then j.number end as refund_id, j.amount_fen as bill_fen,
    case when c.class = 'duplicate_line' then null when j.type <> 'refund' and j.is_ours then nullif(j.p_paid_fen, 0)
      when j.r_is_accepted then j.r_amount_fen end as own_fen,
    case c.class when 'identity' then j.differs
      when 'refund_status' then jsonb_build_object('refundStatus', jsonb_build_object('bill', j.refund_status, 'own', j.r_state))
      when 'fee' then jsonb_build_object('feeMillifen', jsonb_build_object('bill', j.fee_millifen,
        'own', case when j.type = 'refund' then -1000 else 1000 end * j.fee_fen))
      else '{}' end as differences
  from judged j cross join unnest(j.classes) as c (class)
  cross join lateral (select case j.type when 'refund' then 'refund' else 'payment' end as subject,
    case j.type when 'refund' then 'refund:' || j.number else 'payment:' || j.transaction_id end as subject_key) f
  where c.class is distinct from j.quiet
  order by c.class, f.subject_key, j.line_no`);
