import { and, asc, desc, eq, getTableColumns, inArray, sql, type SQL } from 'drizzle-orm';
import type { Mchid, OutRefundNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { isOfAny, perOrder } from '../../db/order-refs.js';
import { deliveries, merchantEvents } from '../../db/schema.js';
import { isUuid, mchidOf, orderNoOf, outRefundNoOf } from '../../db/stored-values.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import type { OrderRef } from '../../orders/store/order.js';
import { dayRefOf, type DayRef } from '../../reconciliation/store/bill.js';
import {
  dayEventBody,
  eventBody,
  type DayNews,
  type DeliveryRecord,
  type EventStatus,
  type MerchantEventRecord,
  type MerchantEventType,
  type PendingEvent,
} from '../rules/event.js';

export type OutboxEvent = PendingEvent & {
  readonly outRefundNo: OutRefundNo | null;
  readonly status: EventStatus;
  readonly deliveredAt: Date | null;
};

/** All events of an order and its refunds, oldest first. */
export async function loadOutbox(db: Db | Tx, { mchid, orderNo }: OrderRef): Promise<OutboxEvent[]> {
  const rows = await db
    .select(outboxColumns)
    .from(merchantEvents)
    .where(and(eq(merchantEvents.mchid, mchid), eq(merchantEvents.orderNo, orderNo)))
    .orderBy(asc(merchantEvents.seq));
  return rows.map((row) => ({ ...row, outRefundNo: row.outRefundNo === null ? null : outRefundNoOf(row.outRefundNo) }));
}

/** Events still to be told, oldest first: of one refund, or (`null`) of the order itself. */
export async function pendingEvents(
  db: Db | Tx,
  ref: OrderRef & { readonly outRefundNo: OutRefundNo | null },
): Promise<PendingEvent[]> {
  return pendingOf(await loadOutbox(db, ref), ref.outRefundNo);
}

/** Of an order and its refunds: oldest first, each with its deliveries, oldest first. */
export const listEvents = (db: Db | Tx, { mchid, orderNo }: OrderRef): Promise<MerchantEventRecord[]> =>
  recordsOf(db, and(eq(merchantEvents.mchid, mchid), eq(merchantEvents.orderNo, orderNo)));

/** As {@link listEvents}, of each of these orders. */
export const eventsOfOrders = async (db: Db | Tx, orders: readonly OrderRef[]) =>
  perOrder(await recordsOf(db, isOfAny(merchantEvents, orders)));

/** Of a day, the latest first. */
export async function listDayEvents(
  db: Db | Tx,
  { mchid, date }: DayRef,
  limit: number,
): Promise<MerchantEventRecord[]> {
  const latest = db
    .select({ id: merchantEvents.id })
    .from(merchantEvents)
    .where(and(eq(merchantEvents.mchid, mchid), eq(merchantEvents.date, date)))
    .orderBy(desc(merchantEvents.seq))
    .limit(limit);
  return (await recordsOf(db, inArray(merchantEvents.id, latest))).toReversed();
}

export async function loadEvent(
  db: Db | Tx,
  { mchid, id }: { readonly mchid: Mchid; readonly id: string },
): Promise<MerchantEventRecord | undefined> {
  if (!isUuid(id)) return undefined;
  const [event] = await recordsOf(db, and(eq(merchantEvents.mchid, mchid), eq(merchantEvents.id, id)));
  return event;
}

async function recordsOf(db: Db | Tx, isWanted: SQL | undefined): Promise<MerchantEventRecord[]> {
  const rows = await db
    .select({ event: recordColumns, delivery: deliveryColumns })
    .from(merchantEvents)
    .leftJoin(deliveries, eq(deliveries.eventId, merchantEvents.id))
    .where(isWanted)
    .orderBy(asc(merchantEvents.seq), asc(deliveries.at));
  const events = new Map<string, MerchantEventRecord & { deliveries: DeliveryRecord[] }>();
  for (const { event, delivery } of rows) {
    const known = events.get(event.id) ?? { ...eventRecord(event), deliveries: [] };
    if (delivery !== null) known.deliveries.push(delivery);
    events.set(event.id, known);
  }
  return [...events.values()];
}

/** Sending an event again sets `tries` to 0 and keeps its deliveries. */
const outboxColumns = {
  id: merchantEvents.id,
  type: merchantEvents.type,
  status: merchantEvents.status,
  outRefundNo: merchantEvents.outRefundNo,
  deliveredAt: merchantEvents.deliveredAt,
  tried: sql<boolean>`${merchantEvents.tries} > 0 or exists (select from ${deliveries} where ${deliveries.eventId} = ${merchantEvents.id})`,
};

type News = {
  readonly types: readonly MerchantEventType[];
  readonly order: OrderRecord;
  readonly refund: RefundRecord | null;
  readonly late: boolean;
};

/** Called in the transaction that makes the change. */
export async function emitEvents(tx: Tx, { types, ...facts }: News, at: Date): Promise<OutboxEvent[]> {
  if (types.length === 0) return [];
  const { mchid, orderNo } = facts.order;
  const outRefundNo = facts.refund?.outRefundNo ?? null;
  const rows = await tx
    .insert(merchantEvents)
    .values(
      types.map((type) => {
        const late = facts.late && type === 'order.paid';
        return { mchid, orderNo, outRefundNo, type, body: eventBody({ ...facts, type, at, late }), createdAt: at };
      }),
    )
    .returning({ id: merchantEvents.id, type: merchantEvents.type });
  return rows.map((row) => ({ ...row, outRefundNo, status: 'pending', deliveredAt: null, tried: false }));
}

/** `subject`: what of the day it tells; that was told before is not told again. */
export type DayEvent = DayRef & { readonly subject: string; readonly news: DayNews };

/** Called in the transaction that ends a day's run. Answers the ids of what is to be told. */
export async function emitDayEvents(tx: Tx, events: readonly DayEvent[], at: Date): Promise<string[]> {
  const rows = await tx
    .insert(merchantEvents)
    .values(
      events.map(({ mchid, date, subject, news }) => {
        return { mchid, date, subject, type: news.type, body: dayEventBody(news, at), createdAt: at };
      }),
    )
    .onConflictDoNothing()
    .returning({ id: merchantEvents.id });
  return rows.map(({ id }) => id);
}

export function pendingOf(events: readonly OutboxEvent[], outRefundNo: OutRefundNo | null): PendingEvent[] {
  return events
    .filter((event) => event.status === 'pending' && event.outRefundNo === outRefundNo)
    .map(({ id, type, tried }) => ({ id, type, tried }));
}

export const isShopUnreachable = (events: readonly OutboxEvent[]): boolean =>
  events.some((event) => event.status === 'exhausted');

export function paidEventOf(events: readonly OutboxEvent[]): OrderRecord['paidEvent'] {
  const event = events.find(({ type }) => type === 'order.paid');
  return event === undefined ? null : { status: event.status, deliveredAt: event.deliveredAt };
}

const { at, status, outcome, durationMs } = deliveries;
const deliveryColumns = { at, status, outcome, durationMs };

const { seq, knownAt, body, sweptAt, resentBy, resendReason, resentAt, ...recordColumns } =
  getTableColumns(merchantEvents);

function eventRecord(
  row: Pick<typeof merchantEvents.$inferSelect, keyof typeof recordColumns>,
): Omit<MerchantEventRecord, 'deliveries'> {
  const { mchid, orderNo, outRefundNo, date } = row;
  return {
    ...row,
    mchid: mchidOf(mchid),
    orderNo: orderNo === null ? null : orderNoOf(orderNo),
    outRefundNo: outRefundNo === null ? null : outRefundNoOf(outRefundNo),
    date: date === null ? null : dayRefOf({ mchid, date }).date,
  };
}
