import { and, asc, count, desc, eq, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { deliveries, evidence, gatewayCalls, merchantEvents, operatorActions, timeline } from '../../db/schema.js';
import { refusalOf } from '../../db/stored-values.js';
import { loadOrder, type OrderRef } from '../../orders/store/order.js';
import type { TimelineEntry } from '../rules/entry.js';
import {
  actionEntry,
  answerEntry,
  askedByPerson,
  callLine,
  deliveryLine,
  entryOf,
  eventLine,
  evidenceLine,
  omittedCalls,
  type ActionRow,
  type CallRow,
  type Line,
} from './entries.js';

/** A poll every few minutes for days makes more calls than anybody reads. */
const MAX_CALLS = 500;

/**
 * All that is known to have happened to an order, in the order in which it became known, each entry as it was then: made of rows
 * that are never changed, so that who reads it later finds the same lines and more below. Empty for an order that does not exist.
 * Of its gateway calls the newest 500: a first entry says how many are left out. Rows of one moment.
 */
export async function loadTimeline(db: Db, ref: OrderRef): Promise<TimelineEntry[]> {
  return withTransaction(db, async (tx) => {
    await tx.execute(sql`set transaction isolation level repeatable read, read only`);
    const order = await loadOrder(tx, ref);
    if (order === undefined) return [];
    const calls = await callsOf(tx, ref);
    const known = [
      ...(await changesOf(tx, ref)),
      ...calls.newest.map(callLine),
      ...(await evidenceOf(tx, ref)).map(evidenceLine),
      ...(await eventsOf(tx, ref)).map(eventLine),
      ...(await deliveriesOf(tx, ref)).map(deliveryLine),
    ];
    const entries = known.toSorted((a, b) => a.seq - b.seq).map(({ entry }) => entry);
    const { orderNo: subject, amountFen, createdAt } = order;
    const at = earliest(createdAt, entries[0]?.at);
    const created = entryOf({ at, source: 'shop', kind: 'order.created', subject }, { amountFen });
    const omitted = calls.omitted === 0 ? [] : [omittedCalls(subject, calls.omitted, at)];
    return neverBack([created, ...omitted, ...entries]);
  });
}

/** The order's own time is by the clock of whoever took it in: nothing of it is known before. */
const earliest = (createdAt: Date, known: Date | undefined): Date =>
  known === undefined || createdAt < known ? createdAt : known;

/**
 * Numbers and times are given one after the other, so that of two writers at once the first number may have the later time, and a
 * clock may be set back: what comes later is known no earlier.
 */
function neverBack(entries: readonly TimelineEntry[]): TimelineEntry[] {
  let latest = new Date(0);
  return entries.map((entry) => {
    if (entry.at > latest) latest = entry.at;
    return { ...entry, at: latest };
  });
}

/** What people asked for, with its answers, and every change of the order, its attempts, refunds, notifies and events. */
async function changesOf(tx: Tx, ref: OrderRef): Promise<Line[]> {
  const actions = await actionsOf(tx, ref);
  const rows = await tx.select().from(timeline).where(isOf(timeline, ref)).orderBy(asc(timeline.seq));
  const asked = actions.map((action) => ({ seq: action.seq, entry: actionEntry(action) }));
  return [...asked, ...rows.map((row) => ({ seq: row.seq, entry: changeEntry(row, actions) }))];
}

function changeEntry(row: typeof timeline.$inferSelect, actions: readonly ActionRow[]): TimelineEntry {
  const { seq, source, at, kind, subject, actionId, outcome, amountFen, reason, detail, count: times, wechatAt } = row;
  const action = actionId === null ? undefined : actions.find(({ id }) => id === actionId);
  if (action !== undefined) return answerEntry(action, at);
  const isPersons = kind === 'refund.requested' && askedByPerson(actions, { subject, seq });
  const gateway = refusalOf(row.gateway);
  const known = { outcome, amountFen, reason, detail, gateway, count: times, wechatAt };
  return entryOf({ at, source: isPersons ? 'person' : source, kind, subject }, known);
}

/** The rows of an order, in any table that names it. */
export const isOf = (table: { readonly mchid: PgColumn; readonly orderNo: PgColumn }, { mchid, orderNo }: OrderRef) =>
  and(eq(table.mchid, mchid), eq(table.orderNo, orderNo));

const actionsOf = (tx: Tx, ref: OrderRef): Promise<ActionRow[]> =>
  tx.select().from(operatorActions).where(isOf(operatorActions, ref)).orderBy(asc(operatorActions.seq));

const evidenceOf = (tx: Tx, ref: OrderRef) => tx.select().from(evidence).where(isOf(evidence, ref));

function eventsOf(tx: Tx, ref: OrderRef) {
  const { seq, knownAt, id, type, outRefundNo } = merchantEvents;
  return tx.select({ seq, knownAt, id, type, outRefundNo }).from(merchantEvents).where(isOf(merchantEvents, ref));
}

function deliveriesOf(tx: Tx, ref: OrderRef) {
  const { seq, knownAt, eventId, status, outcome, durationMs } = deliveries;
  return tx
    .select({ seq, knownAt, eventId, status, outcome, durationMs })
    .from(deliveries)
    .innerJoin(merchantEvents, eq(merchantEvents.id, deliveries.eventId))
    .where(isOf(merchantEvents, ref));
}

async function callsOf(tx: Tx, ref: OrderRef): Promise<{ newest: CallRow[]; omitted: number }> {
  const newest = await tx
    .select()
    .from(gatewayCalls)
    .where(isOf(gatewayCalls, ref))
    .orderBy(desc(gatewayCalls.id))
    .limit(MAX_CALLS);
  if (newest.length < MAX_CALLS) return { newest, omitted: 0 };
  const [all] = await tx.select({ calls: count() }).from(gatewayCalls).where(isOf(gatewayCalls, ref));
  return { newest, omitted: (all?.calls ?? MAX_CALLS) - MAX_CALLS };
}
