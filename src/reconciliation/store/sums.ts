import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/connection.js';
import { literals } from '../../db/columns.js';
import { WARNINGS, type DiscrepancyClass, type Subject } from '../rules/classes.js';
import type { BillKind } from '../rules/bill-line.js';
import { verdictOf, type BillState, type DayFacts, type Verdict } from '../rules/day.js';
import type { DayRef } from './bill.js';
import { isStanding } from './findings.js';
import { isLineOf } from './own-side.js';

/** Counts a day by class, from what was found; each discrepancy counts in its class, several on one line in each of theirs. */
export async function sumUp(tx: Tx, day: DayRef): Promise<void> {
  const { mchid } = day;
  const date = sql`${day.date}::date`;
  await tx.execute(sql`
    update reconciliation_sums set count = 0, open = 0, bill_fen = 0, own_fen = 0 where mchid = ${mchid} and date = ${date}`);
  await tx.execute(sql`
    insert into reconciliation_sums (mchid, date, class, subject, is_discrepant, count, open, bill_fen, own_fen)
    select ${mchid}, ${date}, it.* from (
      select coalesce(l.class, 'matched'), case l.type when 'refund' then 'refund' else 'payment' end as subject, false, count(*),
        0, sum(l.amount_fen), coalesce(sum(l.amount_fen) filter (where l.class is null), 0)
      from bill_lines l join bills b on b.mchid = ${mchid} and b.date = ${date} and b.kind = 'trade' and b.state = 'imported'
      where ${isLineOf(day, 'trade')} and not l.is_discrepant and (l.class is null or l.class in ('foreign', 'reversed'))
      group by 1, 2
      union all
      select d.class, d.subject, true, count(*), count(*) filter (where d.status = 'open'),
        coalesce(sum(d.bill_fen), 0), coalesce(sum(d.own_fen), 0) from discrepancies d
      where d.mchid = ${mchid} and d.date = ${date} and ${isStanding} group by d.class, d.subject
      union all
      select 'expected', p.subject, false, count(*), 0, 0, sum(p.own_fen) from reconciliation_pool p
      where p.mchid = ${mchid} and p.date = ${date} and p.left_at is null group by p.subject) it
    on conflict (mchid, date, class, subject, is_discrepant) do update set
      count = excluded.count, open = excluded.open, bill_fen = excluded.bill_fen, own_fen = excluded.own_fen`);
}

type Decided = DayRef & { readonly class: DiscrepancyClass; readonly subject: Subject };

/** One discrepancy fewer is open. A run that sums the day up meanwhile holds its rows, and has counted this one either way. */
export async function countDecided(tx: Tx, { mchid, date, ...of }: Decided): Promise<void> {
  await tx.execute(sql`
    update reconciliation_sums set open = open - 1
    where mchid = ${mchid} and date = ${date}::date and class = ${of.class} and subject = ${of.subject} and is_discrepant`);
}

/** What the day comes to, written into its row; a day that waits for its bills goes on waiting unless `isNews`. */
export async function judge(tx: Tx, day: DayRef, isNews: boolean): Promise<Verdict> {
  const [facts] = await tx.execute<DayFacts>(sql`
    select ${stateOf(day, 'trade')} as trade, ${stateOf(day, 'fundflow')} as fundflow,
      ${isRefused(day, 'trade')} as "isTradeRefused", ${isRefused(day, 'fundflow')} as "isFundflowRefused",
      exists (select from discrepancies d where d.mchid = ${day.mchid} and d.status = 'open' and d.date = ${day.date}::date
        and d.class not in (${literals(WARNINGS)})) as "hasOpenDiscrepancy",
      coalesce(sum(s.count) filter (where s.class = 'expected'), 0)::int as expected, coalesce(sum(s.count), 0)::int as counted
    from reconciliation_sums s where s.mchid = ${day.mchid} and s.date = ${day.date}::date`);
  if (facts === undefined) throw new Error('An aggregate has a row');
  const verdict = verdictOf(facts);
  await tx.execute(sql`
    update reconciliations set state = ${verdict.state}, failure = ${verdict.failure}, waits_for = null, waiting_since = null,
      next_at = null, fee_millifen = (select (b.summary ->> 'feeMillifen')::bigint from bills b
        where b.mchid = ${day.mchid} and b.date = ${day.date}::date and b.kind = 'trade' and b.state = 'imported')
    where mchid = ${day.mchid} and date = ${day.date}::date and (${isNews} or state <> 'waiting')`);
  return verdict;
}

const WAITING: BillState = 'waiting';
const stateOf = (day: DayRef, kind: BillKind) => sql`coalesce((select b.state ${fromBill(day, kind)}), ${WAITING})`;

const isRefused = (day: DayRef, kind: BillKind) =>
  sql`exists (select ${fromBill(day, kind)} and b.distrust = 'refused')`;

const fromBill = ({ mchid, date }: DayRef, kind: BillKind) =>
  sql`from bills b where b.mchid = ${mchid} and b.date = ${date}::date and b.kind = ${kind}`;
