import { sql, type SQL } from 'drizzle-orm';
import type { Tx } from '../../db/connection.js';
import { CLASS_RULES, DISCREPANCY_CLASSES, type DiscrepancyClass } from '../rules/classes.js';
import type { DayRef } from './bill.js';

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

/** One statement: finds what differs on a day, opens what is new, and closes what is gone. What a person decided stays. */
export async function recordFindings(tx: Tx, day: DayRef, findings: Findings): Promise<void> {
  const { tables, rows, classes, now } = findings;
  const at = sql`${now.toISOString()}::timestamptz`;
  await tx.execute(sql`
    with ${sql.join([...tables, sql`found as materialized (${rows})`], sql`, `)},
    closed as (
      update discrepancies d set status = 'repaired', closed_at = ${at}, repaired_by = ${REPAIR_OF_CLASS}
      where d.mchid = ${day.mchid} and d.date = ${day.date}::date and d.status = 'open' and d.class = any (${arrayOf(classes)})
        and not exists (select from found f where f.class = d.class and f.subject_key = d.subject_key))
    insert into discrepancies as d (mchid, date, opened_at, ${COLUMNS})
    select ${day.mchid}, ${day.date}::date, ${at}, ${COLUMNS} from found
    on conflict (mchid, class, subject_key) do update set
      date = excluded.date, kind = excluded.kind, line_no = excluded.line_no, order_no = excluded.order_no,
      out_trade_no = excluded.out_trade_no, transaction_id = excluded.transaction_id,
      out_refund_no = excluded.out_refund_no, refund_id = excluded.refund_id,
      bill_fen = excluded.bill_fen, own_fen = excluded.own_fen, differences = excluded.differences,
      status = case d.status when 'repaired' then 'open' else d.status end,
      opened_at = case d.status when 'repaired' then excluded.opened_at else d.opened_at end,
      closed_at = case d.status when 'repaired' then null else d.closed_at end, repaired_by = null
    where d.date = excluded.date or d.status = 'repaired'`);
}

/** By the class of discrepancy `d`. */
export const REPAIR_OF_CLASS: SQL = sql.raw(
  `case d.class ${DISCREPANCY_CLASSES.map((name) => `when '${name}' then '${CLASS_RULES[name].repair}'`).join(' ')} end`,
);

const arrayOf = (words: readonly string[]): SQL => sql.raw(`array[${words.map((it) => `'${it}'`).join(', ')}]::text[]`);
