import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm';
import type { Mchid, OrderNo } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { insertFrom, namesOf } from '../../db/insert-from.js';
import { allGiven, given, preparedOnce } from '../../db/prepared.js';
import { deliveries, merchantEvents, orders } from '../../db/schema.js';
import { isUuid, mchidOf, orderNoOf } from '../../db/stored-values.js';
import { claimed, SWEPT_NOW } from '../../db/unfinished.js';
import { lockStanding, settled, writeOrder, type Standing } from '../../orders/store/change.js';
import type { DeliveryRecord, EventStatus } from '../rules/event.js';
import type { OutboxEvent } from './outbox.js';

/** `body` is sent byte for byte; it says what was bought, and goes nowhere but to the shop. */
export type EventToSend = EventOwner &
  Pick<typeof merchantEvents.$inferSelect, 'id' | 'type' | 'status' | 'body' | 'tries' | 'nextAt'>;

/** `orderNo` is null where it is of a day. */
type EventOwner = { readonly mchid: Mchid; readonly orderNo: OrderNo | null };

const ownerOf = ({ mchid, orderNo }: Pick<typeof merchantEvents.$inferSelect, 'mchid' | 'orderNo'>): EventOwner => ({
  mchid: mchidOf(mchid),
  orderNo: orderNo === null ? null : orderNoOf(orderNo),
});

export async function loadEventToSend(db: Db | Tx, id: string): Promise<EventToSend | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await loading(db).execute({ id });
  return row && { ...row, ...ownerOf(row) };
}

const isGivenEvent = eq(merchantEvents.id, given('id', merchantEvents.id));

const loading = preparedOnce((db) => {
  const { id, mchid, orderNo, type, status, body, tries, nextAt } = merchantEvents;
  return db
    .select({ id, mchid, orderNo, type, status, body, tries, nextAt })
    .from(merchantEvents)
    .where(isGivenEvent)
    .prepare('load_event');
});

/** `then`: what becomes of the event; `unaddressed`: nothing was sent, since the shop has no endpoint. */
export type Delivery = DeliveryRecord & {
  readonly eventId: string;
  readonly then:
    { readonly kind: 'again'; readonly nextAt: Date } | { readonly kind: 'delivered' | 'exhausted' | 'unaddressed' };
};

/** A delivered or withdrawn event stays so; only a pending one can fail. The same delivery again changes nothing. */
export async function recordDelivery(db: Db | Tx, delivery: Delivery): Promise<void> {
  if (delivery.then.kind === 'delivered' && (await recordTold(db, delivery))) return;
  await withTransaction(db, async (tx) => {
    const locked = await lockEvent(tx, delivery.eventId);
    if (locked === undefined) throw new Error('A delivery names an event that does not exist');
    const isNew = delivery.then.kind !== 'unaddressed' && (await insertDelivery(tx, delivery));
    const status = statusAfter(locked.event.status, delivery.then.kind);
    const isDelivered = delivery.then.kind === 'delivered';
    const deliveredAt = locked.event.deliveredAt ?? (isDelivered ? delivery.at : null);
    const nextAt = delivery.then.kind === 'again' && status === 'pending' ? delivery.then.nextAt : null;
    const tries = isNew ? { tries: sql`${merchantEvents.tries} + 1` } : {};
    await changeEvent(tx, locked, { status, deliveredAt, nextAt, ...tries }, delivery.at);
  });
}

/** The common case, in one statement: a pending event of an order that is well is delivered, which changes nothing of the order. */
async function recordTold(db: Db | Tx, delivery: Delivery): Promise<boolean> {
  if (!isUuid(delivery.eventId)) return false;
  return (await telling(db).execute({ id: delivery.eventId, ...rowOf(delivery) })).length > 0;
}

const telling = preparedOnce((db) => {
  const { id, mchid, orderNo, status, tries, deliveredAt } = merchantEvents;
  const { seq, knownAt, ...columns } = getTableColumns(deliveries);
  const held = db.$with('held').as(
    db
      .select({ version: orders.version })
      .from(merchantEvents)
      .innerJoin(orders, and(eq(orders.mchid, mchid), eq(orders.orderNo, orderNo)))
      .where(and(isGivenEvent, isNull(orders.stuckReason)))
      .for('no key update', { of: orders }),
  );
  const told = db.$with('told').as(
    db
      .update(merchantEvents)
      .set({
        status: 'delivered',
        deliveredAt: given('at', deliveredAt),
        nextAt: null,
        tries: sql`${tries} + 1`,
      })
      .from(held)
      .where(and(isGivenEvent, eq(status, 'pending'), isNull(deliveredAt)))
      .returning({ id }),
  );
  const kept = db
    .$with('kept', { at: columns.at })
    .as(
      sql`${insertFrom(deliveries, allGiven(columns), told)} on conflict do nothing returning ${namesOf({ at: columns.at })}`,
    );
  return db.with(held, told, kept).select().from(told).prepare('record_told');
});

function statusAfter(standing: EventStatus, kind: Delivery['then']['kind']): EventStatus {
  if (standing === 'withdrawn') return standing;
  if (kind === 'delivered') return 'delivered';
  if (standing !== 'pending') return standing;
  return kind === 'again' ? 'pending' : kind;
}

const rowOf = ({ then, durationMs, ...delivery }: Delivery): typeof deliveries.$inferInsert => ({
  ...delivery,
  durationMs: Math.max(0, Math.round(durationMs)),
});

async function insertDelivery(tx: Tx, delivery: Delivery): Promise<boolean> {
  const rows = await tx
    .insert(deliveries)
    .values(rowOf(delivery))
    .onConflictDoNothing()
    .returning({ at: deliveries.at });
  return rows.length > 0;
}

/**
 * Begins the schedule of tries again, also for a delivered event. A withdrawn event is not true any more. `asker` is kept with an
 * event of a day; who asked it of an order's is kept among the actions.
 */
export async function resendEvent(
  db: Db | Tx,
  { mchid, id, asker }: { readonly mchid: Mchid; readonly id: string; readonly asker?: Asker },
  now: Date,
): Promise<'resent' | 'withdrawn' | 'event_not_found'> {
  return withTransaction(db, async (tx) => {
    const locked = await lockEvent(tx, id);
    if (locked?.mchid !== mchid) return 'event_not_found';
    const { status, deliveredAt } = locked.event;
    if (status === 'withdrawn') return status;
    await changeEvent(tx, locked, { status: 'pending', deliveredAt, nextAt: now, tries: 0 }, now);
    if (locked.standing === null && asker !== undefined) {
      const kept = { resentBy: asker.actor, resendReason: asker.reason, resentAt: now };
      await tx.update(merchantEvents).set(kept).where(eq(merchantEvents.id, id));
    }
    return 'resent';
  });
}

type Asker = { readonly actor: string; readonly reason: string };

type LockedEvent = {
  readonly mchid: Mchid;
  /** Null where it is of a day. */
  readonly standing: Standing | null;
  readonly event: Pick<OutboxEvent, 'id' | 'status' | 'deliveredAt'>;
};

/** An order's is held by its order's lock, another by its own. */
async function lockEvent(tx: Tx, id: string): Promise<LockedEvent | undefined> {
  if (!isUuid(id)) return undefined;
  const { status, deliveredAt } = merchantEvents;
  const isIt = eq(merchantEvents.id, id);
  const [row] = await tx
    .select({ mchid: merchantEvents.mchid, orderNo: merchantEvents.orderNo })
    .from(merchantEvents)
    .where(isIt);
  if (row === undefined) return undefined;
  const { mchid, orderNo } = ownerOf(row);
  if (orderNo === null) {
    const [event] = await tx.select({ status, deliveredAt }).from(merchantEvents).where(isIt).for('no key update');
    return event && { mchid, standing: null, event: { id, ...event } };
  }
  const standing = await lockStanding(tx, { mchid, orderNo });
  const event = standing?.events.find((it) => it.id === id);
  return standing && event && { mchid, standing, event };
}

type EventChange = Pick<OutboxEvent, 'status' | 'deliveredAt'> & {
  readonly nextAt: Date | null;
  readonly tries?: number | ReturnType<typeof sql>;
};

async function changeEvent(tx: Tx, { standing, event }: LockedEvent, change: EventChange, now: Date): Promise<void> {
  await tx.update(merchantEvents).set(change).where(eq(merchantEvents.id, event.id));
  if (standing === null) return;
  const { status, deliveredAt } = change;
  const events = standing.events.map((it) => (it === event ? { ...it, status, deliveredAt } : it));
  await writeOrder(tx, standing.order, settled(standing.order, standing.order, events, now));
}

type EventRef = EventOwner & { readonly id: string };

/** Events that the shop should have been told by now. */
export async function findUndeliveredEvents(db: Db, dueBefore: Date, limit: number): Promise<EventRef[]> {
  const { id, mchid, orderNo, status, nextAt, createdAt } = merchantEvents;
  const since = sql`coalesce(${nextAt}, ${createdAt})`;
  const isDue = sql`${status} = 'pending' and ${since} < ${sql.param(dueBefore, createdAt)}`;
  const rows = await db
    .update(merchantEvents)
    .set(SWEPT_NOW)
    .where(claimed(merchantEvents, [id], { isDue, since, limit }))
    .returning({ id, mchid, orderNo });
  return rows.map((row) => ({ id: row.id, ...ownerOf(row) }));
}
