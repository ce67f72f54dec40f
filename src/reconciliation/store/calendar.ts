import { sql } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import type { BillDate, DayState } from '../rules/day.js';
import type { DaySpan } from './bill.js';

export type CalendarDay = {
  readonly date: BillDate;
  readonly state: DayState;
  readonly isRunning: boolean;
  /** Discrepancies, counted up to {@link MANY_OPEN}. */
  readonly open: number;
};

/** So many of a day are counted, in the order of an index, which nobody reads further. */
export const MANY_OPEN = 1_000;

/** Of one merchant, the days that a run was ever begun for, both ends included. */
export async function loadCalendar(db: Db | Tx, { mchid, from, to }: DaySpan): Promise<readonly CalendarDay[]> {
  return db.execute<CalendarDay>(sql`
    select r.date::text as date, r.state, r.finished_at is null as "isRunning", o.open
    from reconciliations r cross join lateral (
      select count(*)::int as open from (
        select from discrepancies d where d.mchid = r.mchid and d.status = 'open' and d.date = r.date
        order by d.id limit ${MANY_OPEN}) it) o
    where r.mchid = ${mchid} and r.date between ${from}::date and ${to}::date`);
}
