import type { Sql } from 'postgres';
import { linesOf, MCHIDS, type World } from './world.js';

/** As many days as can be run again, of every merchant, whatever was sold on them. */
const DAYS = 90;

/** Of so many orders one had a difference that was settled. */
const SETTLED_EVERY = 100;

/** Days that were held against the bills, with their sums, and what of them differed. */
export async function writeDays(sql: Sql, world: World): Promise<void> {
  await sql`
    insert into reconciliations (mchid, date, state, started_at, finished_at)
    select mchid, date, 'differs', date + interval '10 hours', date + interval '11 hours' from ${daysOf(sql, world)} d`;
  await sql`
    insert into bills (mchid, date, kind, state, sha1, lines, last_line, summary, fetched_at)
    select mchid, date, kind, 'imported', md5(kind), 2000, 2000, '{}', date + interval '10 hours'
    from ${daysOf(sql, world)} d, unnest(array['trade', 'fundflow']) kind`;
  await sql`
    insert into reconciliation_sums (mchid, date, class, subject, is_discrepant, count, open, bill_fen, own_fen)
    select mchid, date, it.class, 'payment', it.class = 'amount', 1000, case it.class when 'amount' then 1 else 0 end, 1000000, 1000000
    from ${daysOf(sql, world)} d, unnest(array['matched', 'expected', 'amount']) it(class)`;
  await sql`
    insert into discrepancies (mchid, date, class, subject_key, subject, order_no, out_trade_no, bill_fen, own_fen, differences, status,
      repaired_by, opened_at, closed_at)
    select l.mchid, r.date, 'amount', 'payment:' || l.no, 'payment', l.no, l.no, l.fen + 1, l.fen, '{}', 'repaired', 'rerun', l.at, l.at + interval '1 day'
    from ${linesOf(sql, world, 1, world.rows)} l join reconciliations r
      on r.mchid = l.mchid and r.date = (select max(date) from reconciliations) - (l.n / ${SETTLED_EVERY} % 80) where l.n % ${SETTLED_EVERY} = 7`;
  await sql`insert into sweeps (finished_at, by) values (now(), 'schedule')`;
}

const daysOf = (sql: Sql, { now }: World) => sql`
  (select mchid, (${now.toISOString()}::timestamptz at time zone 'Asia/Shanghai')::date - back as date
   from unnest(array[${sql.unsafe(MCHIDS.map((mchid) => `'${mchid}'`).join(', '))}]) mchid, generate_series(1, ${DAYS}::int) back)`;
