import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db } from '../../db/connection.js';
import { emitDayEvents, type DayEvent } from '../../shop-events/store/outbox.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import { daysAfter, POOL_DAYS } from '../rules/day.js';
import { dayAnswer, discrepancyAnswer } from '../rules/view.js';
import type { DayRef } from './bill.js';
import { finishDay, loadDay, type DayDetail } from './day.js';
import { loadDiscrepancies, openedSince, type DiscrepancyRecord } from './discrepancies.js';

/**
 * The run ends with what matching said of the day, and the shop is to be told: how the day stands, and what the run found that is still
 * open. Answers the ids of the events; none where the run had ended before.
 */
export function endRun(db: Db, ref: DayRef, now: Date): Promise<string[]> {
  return withTransaction(db, async (tx) => {
    if (!(await finishDay(tx, ref, now))) return [];
    const day = await loadDay(tx, ref);
    if (day === undefined) throw new Error('A day that ends is not there');
    const found = await openedSince(tx, { ...ref, from: daysAfter(ref.date, -POOL_DAYS) }, day.startedAt, MAX_TOLD);
    return emitDayEvents(tx, [completed(day), ...found.map(opened)], now);
  });
}

/** A bill that agrees with nothing would drown the shop; how many there are is told with the day. */
const MAX_TOLD = 100;

const completed = (day: DayDetail): DayEvent => ({
  mchid: day.mchid,
  date: day.date,
  subject: `run ${day.run}`,
  news: { type: 'reconciliation.completed', reconciliation: dayAnswer(day) },
});

/** The discrepancies that these events told, by the ids of the events. */
export async function discrepanciesTold(
  db: Db,
  mchid: Mchid,
  events: readonly MerchantEventRecord[],
): Promise<ReadonlyMap<string, DiscrepancyRecord>> {
  const told = events.flatMap(({ id, type, subject }) =>
    type === 'discrepancy.opened' && subject !== null ? [{ id, of: subject.slice(0, subject.indexOf(' ')) }] : [],
  );
  const known = await loadDiscrepancies(
    db,
    [mchid],
    told.map((it) => it.of),
  );
  return new Map(told.flatMap(({ id, of }) => known.filter((it) => it.id === of).map((it) => [id, it] as const)));
}

const opened = (it: DiscrepancyRecord): DayEvent => ({
  mchid: it.mchid,
  date: it.date,
  subject: `${it.id} ${it.openedAt.toISOString()}`,
  news: { type: 'discrepancy.opened', discrepancy: discrepancyAnswer(it) },
});
