import { count, sql } from 'drizzle-orm';
import type { Db, Tx } from '../../db/connection.js';
import { heapOf } from '../../db/heap.js';
import { discrepancies, merchantEvents, reconciliations } from '../../db/schema.js';
import { mchidOf } from '../../db/stored-values.js';
import { MAX_AGE_DAYS, type DayState } from '../../reconciliation/rules/day.js';

const AGE = sql.raw(String(MAX_AGE_DAYS));

/** Days that were begun, by state, `waiting` while a run is under way, as far back as they can be run again. */
export async function recentDays(db: Db | Tx) {
  const { mchid, date, finishedAt } = reconciliations;
  const state = sql<DayState>`case when ${finishedAt} is null then 'waiting' else ${reconciliations.state} end`;
  return db
    .select({ mchid: sql`${mchid}`.mapWith(mchidOf), state: state.as('shown'), count: count() })
    .from(reconciliations)
    .where(sql`${date} >= (now() at time zone 'Asia/Shanghai')::date - ${AGE}`)
    .groupBy(mchid, sql`shown`)
    .orderBy(mchid, sql`shown`);
}

const REASON = sql`case when ${reconciliations.stalledSince} is null then coalesce(${reconciliations.waitsFor}, 'run') else 'stalled' end`;

/** Days whose run is under way, from when it began, by what they wait for; `run`: they are fetched or matched. */
export async function unfinishedDays(db: Db | Tx) {
  const { mchid, startedAt, finishedAt } = reconciliations;
  return db
    .select({ ...heapOf(mchid, startedAt), reason: sql<string>`${REASON}`.as('reason') })
    .from(reconciliations)
    .where(sql`${finishedAt} is null`)
    .groupBy(mchid, sql`reason`);
}

export async function openDiscrepancies(db: Db | Tx) {
  const { mchid, openedAt, status } = discrepancies;
  return db
    .select({ ...heapOf(mchid, openedAt), class: discrepancies.class })
    .from(discrepancies)
    .where(sql`${status} = 'open'`)
    .groupBy(mchid, discrepancies.class)
    .orderBy(mchid, discrepancies.class);
}

/** Events of days that the shop did not take in all their tries: no order shows them. */
export async function untoldDayEvents(db: Db | Tx) {
  const { mchid, createdAt, status, date } = merchantEvents;
  return db
    .select(heapOf(mchid, createdAt))
    .from(merchantEvents)
    .where(
      sql`${date} is not null and ${status} = 'exhausted' and ${createdAt} >= now() - make_interval(days => ${AGE})`,
    )
    .groupBy(mchid);
}
