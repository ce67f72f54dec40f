import { sql, type SQL } from 'drizzle-orm';
import type { Tx } from '../../db/connection.js';
import { figuresOf } from '../../db/schema.js';
import { ACCEPTED_REFUND_STATES } from '../../refunds/rules/states.js';
import type { DiscrepancyClass } from '../rules/classes.js';
import type { DayRef } from './bill.js';
import { isReversedAfter } from './own-side.js';

/** The columns of a finding, in the order in which every source selects them. */
const COLUMNS = sql.raw(`class, subject_key, subject, kind, line_no, order_no, out_trade_no, transaction_id,
  out_refund_no, refund_id, bill_fen, own_fen, differences`);

export type Findings = {
  /** What of the day is looked for: a discrepancy of these classes that is not found again is repaired. */
  readonly classes: readonly DiscrepancyClass[];
  /** Common table expressions; the last words of the statement are not theirs. */
  readonly tables: readonly SQL[];
  /** Selects one row a class and subject. */
  readonly rows: SQL;
  readonly now: Date;
};

/**
 * Finds what differs on a day, opens what is new, and closes what is gone. A discrepancy is about its figures: others of the same
 * subject are another one, and what a person decided about these stays, and covers no other. Nobody decides meanwhile.
 */
export async function recordFindings(tx: Tx, day: DayRef, findings: Findings): Promise<void> {
  const { tables, rows, classes, now } = findings;
  const at = sql`${now.toISOString()}::timestamptz`;
  const isLookedFor = sql`d.mchid = ${day.mchid} and d.date = ${day.date}::date and d.class = any (${arrayOf(classes)})`;
  await tx.execute(sql`select from discrepancies d where ${isLookedFor} and d.status = 'open' for update`);
  await tx.execute(sql`
    with ${sql.join([...tables, sql`found as materialized (${rows})`], sql`, `)},
    closed as (
      update discrepancies d set ${asGone(at, REPAIRED_BY)}
      where ${isLookedFor} and ${isStanding} and not exists (select from found f
        where f.class = d.class and f.subject_key = d.subject_key and ${FIGURES_OF_FOUND} = d.figures))
    insert into discrepancies as d (mchid, date, opened_at, ${COLUMNS})
    select ${day.mchid}, ${day.date}::date, ${at}, ${COLUMNS} from found
    on conflict (mchid, date, class, subject_key, figures) do update set
      kind = excluded.kind, line_no = excluded.line_no, order_no = excluded.order_no, gone_at = null,
      status = case d.status when 'repaired' then 'open' else d.status end,
      opened_at = case d.status when 'repaired' then excluded.opened_at else d.opened_at end,
      closed_at = case d.status when 'repaired' then null else d.closed_at end, repaired_by = null`);
}

const FIGURES_OF_FOUND = sql.raw(figuresOf('f.'));

/** Discrepancy `d` was found by the last run that looked for it. */
export const isStanding = sql.raw(`d.status <> 'repaired' and d.gone_at is null`);

/** Discrepancy `d` is not found any more: an open one is repaired, a decision stays and is counted no longer. */
export const asGone = (at: SQL, repairedBy: SQL): SQL => sql`
  status = case d.status when 'open' then 'repaired' else d.status end, closed_at = coalesce(d.closed_at, ${at}),
  repaired_by = case d.status when 'open' then ${repairedBy} end, gone_at = case when d.status <> 'open' then ${at} end`;

/** What repaired discrepancy `d`: WeChat Pay's answer, which our books have now, or a later bill; else the bill itself says another thing. */
const REPAIRED_BY: SQL = (() => {
  const ours = (table: string, is: string) => `exists (select from ${table} where o.mchid = d.mchid and ${is})`;
  const isPaid = ours('attempts o', 'o.transaction_id = d.transaction_id and o.paid_fen > 0');
  const isRefund = (states: readonly string[]) =>
    ours('refunds o', `o.refund_id = d.refund_id and o.state in (${states.map((it) => `'${it}'`).join(', ')})`);
  const hasLine = (date: string) => `exists (
    select from bill_lines n join bills b on b.mchid = n.mchid and b.date = n.date and b.kind = n.kind and b.state = 'imported'
    where n.mchid = d.mchid and n.number = coalesce(d.refund_id, d.transaction_id) and n.date ${date} d.date
      and n.kind = case d.class when 'fund_missing' then 'fundflow' else 'trade' end)`;
  const asked = `d.class = 'paid_not_here' and ${isPaid} or d.class = 'reversed' and not ${isPaid}`;
  const others = sql.raw(`when d.class = 'refund_not_here' and ${isRefund(ACCEPTED_REFUND_STATES)} then 'refund_query'
    when d.class = 'refund_status' and ${isRefund(['closed', 'abnormal'])} then 'refund_query'
    when d.class in ('missing_at_wechat', 'refund_missing_at_wechat', 'fund_missing', 'fund_foreign') and not ${hasLine('=')} and ${hasLine('>')}
      then 'later_bill'
    else 'rerun' end`);
  return sql`case
    when ${sql.raw(asked)} then 'order_query'
    when d.class = 'paid_not_here' and ${isReversedAfter('d', sql.raw('d.date'))} then 'later_bill'
    ${others}`;
})();

const arrayOf = (words: readonly string[]): SQL => sql.raw(`array[${words.map((it) => `'${it}'`).join(', ')}]::text[]`);
