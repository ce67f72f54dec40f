import type { Db, Tx } from '../../db/connection.js';
import type { BillDate, DayState } from '../rules/day.js';
import type { DaySpan } from './bill.js';
import { listDays } from './day.js';
import { openCounts } from './discrepancies.js';

export type CalendarDay = {
  readonly date: BillDate;
  readonly state: DayState;
  readonly isRunning: boolean;
  /** Its run needs a person. */
  readonly isStuck: boolean;
  /** Discrepancies. */
  readonly open: number;
};

/** Of one merchant, the days that a run was ever begun for, both ends included. */
export async function loadCalendar(db: Db | Tx, span: DaySpan): Promise<readonly CalendarDay[]> {
  const days = await listDays(db, span);
  const counts = await openCounts(db, span);
  return days.map(({ date, state, finishedAt, stalledSince, waitsFor }) => {
    const ofDay = counts.filter((it) => it.date === date);
    const isStuck = stalledSince !== null || waitsFor === 'failing';
    const open = ofDay.reduce((sum, { count }) => sum + count, 0);
    return { date, state, isRunning: finishedAt === null, isStuck, open };
  });
}
