import { and, eq, inArray } from 'drizzle-orm';
import { orderEvents } from '../domain/merchant-event/emit.js';
import type { PendingEvent } from '../domain/merchant-event/event.js';
import type { OrderProjection } from '../domain/order/projection.js';
import type { AttemptRecord, OrderRecord } from '../domain/order/record.js';
import type { OrderStateName } from '../domain/order/states.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { settled, writeOrder } from './order-change.js';
import { lockStanding, type Standing } from './order-lock.js';
import { emitEvents, paidEventOf, pendingOf, type OutboxEvent } from './outbox.js';
import { projectionChange, type AttemptColumns, type ProjectionChange } from './projection-change.js';
import { attempts, merchantEvents } from './schema.js';

export type ProjectedOrder = {
  readonly applied: boolean;
  /** The state it was in. */
  readonly before: OrderStateName;
  readonly record: OrderRecord;
  /** What is still to tell the shop about the order itself, oldest first; its refunds' events are their workflows'. */
  readonly events: PendingEvent[];
};

/**
 * Writes what the order's workflow knows, all of it or nothing, and with it the events that tell the shop. `applied: false`
 * means that the row knows better (a late, repeated or rewound write); `record` and `events` are what stands afterwards
 * either way. The same content again changes nothing. The version grows by one when a reader sees a difference.
 */
export async function projectOrder(db: Db | Tx, projection: OrderProjection, now: Date): Promise<ProjectedOrder> {
  return withTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, projection);
    if (standing === undefined) throw new Error('A projection names an order that does not exist');
    const { state: before } = standing.order;
    const change = projectionChange(standing.order, projection, now);
    if (change === undefined) {
      return { applied: false, before, record: standing.order, events: pendingOf(standing.events, null) };
    }
    const { record, events } = await write(tx, standing, change, now);
    return { applied: true, before, record, events: pendingOf(events, null) };
  });
}

async function write(
  tx: Tx,
  { order: before, events }: Standing,
  change: ProjectionChange,
  now: Date,
): Promise<{ record: OrderRecord; events: OutboxEvent[] }> {
  const changed = withChange(before, change);
  const known = events.map(({ type }) => type);
  const types = orderEvents(before, changed, known);
  const kept = types.includes('order.compensating') ? await withdrawUntold(tx, events) : events;
  const after = settled(before, changed, kept, now);
  // Attempts first: the order's money refers to its attempt's.
  for (const { standing, facts } of change.attempts) await writeAttempt(tx, before, standing, facts, now);
  await writeOrder(tx, before, after);
  const news = { types, order: after, refund: null, late: before.closedAt !== null };
  const all = [...kept, ...(await emitEvents(tx, news, now))];
  return { record: { ...after, paidEvent: paidEventOf(all) }, events: all };
}

/** Once the money goes back, a shop that was not told that the order is paid must not hear it any more. */
async function withdrawUntold(tx: Tx, events: readonly OutboxEvent[]): Promise<OutboxEvent[]> {
  const ids = events.filter(isUntold).map((event) => event.id);
  if (ids.length > 0) {
    const withdrawn = { status: 'withdrawn', nextAt: null } as const;
    await tx.update(merchantEvents).set(withdrawn).where(inArray(merchantEvents.id, ids));
  }
  return events.map((event) => (ids.includes(event.id) ? { ...event, status: 'withdrawn' } : event));
}

const isUntold = ({ type, status }: OutboxEvent): boolean =>
  type === 'order.paid' && (status === 'pending' || status === 'exhausted');

async function writeAttempt(
  tx: Tx,
  { mchid }: OrderRecord,
  standing: AttemptRecord,
  facts: AttemptColumns,
  now: Date,
): Promise<void> {
  const { codeGiven, ...columns } = facts;
  await tx
    .update(attempts)
    .set({ ...columns, ...(codeGiven && !standing.codeGiven ? { codeGivenAt: now } : {}) })
    .where(and(eq(attempts.mchid, mchid), eq(attempts.outTradeNo, standing.outTradeNo)));
}

function withChange(standing: OrderRecord, change: ProjectionChange): OrderRecord {
  const attemptAfter = (attempt: AttemptRecord): AttemptRecord => ({
    ...attempt,
    ...change.attempts.find((it) => it.standing === attempt)?.facts,
  });
  // Whoever writes this goes on.
  return { ...standing, ...change.order, stalledSince: null, attempts: standing.attempts.map(attemptAfter) };
}
