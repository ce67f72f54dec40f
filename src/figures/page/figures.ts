import { HOUR } from '../../base/time.js';
import type { Db } from '../../db/connection.js';
import { callsByHour, closedOfPlaced, paidByHour, refundsByDay, timesToPay } from '../store/trends.js';
import { openRefunds, pendingApprovals, pendingEvents, unfinishedNotifies, waitingOrders } from '../store/waiting.js';
import { stuckTotals } from '../../orders/store/list.js';
import type { Mchid } from '../../base/ids.js';

const DAY = 24 * HOUR;
const BEIJING_MS = 8 * HOUR;

/** The current hour and the 23 before it. */
export const HOURS = 24;
/** Today, in Beijing, and the 6 days before it. */
export const DAYS = 7;

export type Figures = Awaited<ReturnType<typeof loadFigures>>;

export async function loadFigures(db: Db, mchids: readonly Mchid[], now: Date) {
  const nowMs = now.getTime();
  const firstHour = new Date(Math.floor(nowMs / HOUR) * HOUR - (HOURS - 1) * HOUR);
  const today = Math.floor((nowMs + BEIJING_MS) / DAY) * DAY - BEIJING_MS;
  const firstDay = new Date(today - (DAYS - 1) * DAY);
  const [stuck, waiting, open, approvals, events, inbox] = await Promise.all([
    stuckTotals(db, mchids),
    waitingOrders(db, mchids),
    openRefunds(db, mchids),
    pendingApprovals(db, mchids),
    pendingEvents(db, mchids),
    unfinishedNotifies(db, mchids),
  ]);
  const [paid, times, closed, refunds, calls] = await Promise.all([
    paidByHour(db, mchids, firstHour),
    timesToPay(db, mchids, firstHour),
    closedOfPlaced(db, mchids, firstHour),
    refundsByDay(db, mchids, firstDay),
    callsByHour(db, mchids, firstHour),
  ]);
  const past = { paid, times, closed, refunds, calls };
  return { at: now, firstHour, firstDay, stuck, waiting, open, approvals, events, inbox, ...past };
}

const KEPT_MS = 5_000;
const MANY = 500;

/** What was loaded in the last five seconds is shown again: many operators cost Postgres as much as one. */
export function keepFresh<T>(load: (mchids: readonly Mchid[]) => Promise<T>, now: () => Date) {
  const kept = new Map<string, { readonly atMs: number; readonly value: Promise<T> }>();
  return (mchids: readonly Mchid[]): Promise<T> => {
    const key = mchids.toSorted().join(' ');
    const nowMs = now().getTime();
    const there = kept.get(key);
    if (there !== undefined && Math.abs(nowMs - there.atMs) < KEPT_MS) return there.value;
    const value = load(mchids);
    if (kept.size >= MANY) kept.clear();
    kept.set(key, { atMs: nowMs, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}
