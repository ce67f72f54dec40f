import { and, asc, count, desc, eq, sql } from 'drizzle-orm';
import type { TimelineEntry } from '../domain/timeline.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { listEvidence } from './evidence.js';
import { inboxColumns, inboxRow, type InboxRow } from './inbox-row.js';
import { listEvents } from './merchant-event.js';
import { loadOrder, type OrderRef } from './order.js';
import { attempts, gatewayCalls, notifyInbox, operatorActions } from './schema.js';
import { actionEntry, personsRefunds, type ActionRow } from './timeline/actions.js';
import { callEntry, eventEntries, evidenceEntry, notifyEntries, omittedCalls, type CallRow } from './timeline/news.js';
import { attemptEntries, orderEntries, refundEntries, type AttemptTimes } from './timeline/order.js';

/** A poll every few minutes for days makes more calls than anybody reads. */
const MAX_CALLS = 500;

/**
 * All that is known to have happened to an order, oldest first; empty for one that does not exist. Of its gateway calls the newest
 * 500: a first entry says how many are left out. Rows of one moment.
 */
export async function loadTimeline(db: Db, ref: OrderRef): Promise<TimelineEntry[]> {
  return withTransaction(db, async (tx) => {
    await tx.execute(sql`set transaction isolation level repeatable read, read only`);
    const order = await loadOrder(tx, ref);
    if (order === undefined) return [];
    const actions = await actionsOf(tx, ref);
    const times = await attemptTimes(tx, ref);
    const calls = await callsOf(tx, ref);
    const notifies = await notifiesOf(tx, ref);
    const evidence = await listEvidence(tx, ref);
    const events = await listEvents(tx, ref);
    const { created, others } = orderEntries(order);
    const entries = [
      created,
      ...(calls.omitted === 0 ? [] : [omittedCalls(order, calls.omitted)]),
      ...actions.map(actionEntry),
      ...calls.newest.map(callEntry),
      ...order.attempts.flatMap((attempt) => attemptEntries(attempt, times)),
      ...notifies.flatMap(notifyEntries),
      ...evidence.map(evidenceEntry),
      ...others,
      ...order.refunds.flatMap((refund) => refundEntries(refund, personsRefunds(actions))),
      ...events.flatMap(eventEntries),
    ];
    // Stable: what happened in the same millisecond stays in the order above, in which one thing leads to the next.
    return entries.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  });
}

function actionsOf(tx: Tx, { mchid, orderNo }: OrderRef): Promise<ActionRow[]> {
  return tx
    .select()
    .from(operatorActions)
    .where(and(eq(operatorActions.mchid, mchid), eq(operatorActions.orderNo, orderNo)))
    .orderBy(asc(operatorActions.requestedAt), asc(operatorActions.id));
}

/** What of an attempt only its row says. */
function attemptTimes(tx: Tx, { mchid, orderNo }: OrderRef): Promise<AttemptTimes[]> {
  const { outTradeNo, codeGivenAt } = attempts;
  return tx
    .select({ outTradeNo, codeGivenAt })
    .from(attempts)
    .where(and(eq(attempts.mchid, mchid), eq(attempts.orderNo, orderNo)));
}

async function callsOf(tx: Tx, { mchid, orderNo }: OrderRef): Promise<{ newest: CallRow[]; omitted: number }> {
  const isOfOrder = and(eq(gatewayCalls.mchid, mchid), eq(gatewayCalls.orderNo, orderNo));
  const { at, api, outTradeNo, outcome, durationMs } = gatewayCalls;
  const newest = await tx
    .select({ at, api, outTradeNo, outcome, durationMs })
    .from(gatewayCalls)
    .where(isOfOrder)
    .orderBy(desc(gatewayCalls.id))
    .limit(MAX_CALLS);
  if (newest.length < MAX_CALLS) return { newest: newest.reverse(), omitted: 0 };
  const [all] = await tx.select({ calls: count() }).from(gatewayCalls).where(isOfOrder);
  return { newest: newest.reverse(), omitted: (all?.calls ?? MAX_CALLS) - MAX_CALLS };
}

async function notifiesOf(tx: Tx, { mchid, orderNo }: OrderRef): Promise<InboxRow[]> {
  const rows = await tx
    .select(inboxColumns)
    .from(notifyInbox)
    .where(and(eq(notifyInbox.mchid, mchid), eq(notifyInbox.orderNo, orderNo)))
    .orderBy(asc(notifyInbox.receivedAt), asc(notifyInbox.id));
  return rows.map(inboxRow);
}
