import { and, asc, eq } from 'drizzle-orm';
import type { Mchid, OrderNo, OutRefundNo } from '../base/ids.js';
import type {
  DeliveryRecord,
  EventStatus,
  MerchantEventRecord,
  MerchantEventType,
  PendingEvent,
} from '../domain/merchant-event/event.js';
import type { Db, Tx } from './connection.js';
import { guarded } from './failure.js';
import type { OrderRef } from './order.js';
import { loadOutbox, pendingOf } from './outbox.js';
import { isUuid } from './row-id.js';
import { deliveries, merchantEvents } from './schema.js';
import { mchidOf, orderNoOf, outRefundNoOf } from './stored-ids.js';

export { recordDelivery, resendEvent, type Delivery } from './delivery.js';

/** What delivering an event needs. `body` is sent as it is; it says what was bought, and goes nowhere but to the shop. */
export type EventToSend = {
  readonly id: string;
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly type: MerchantEventType;
  readonly status: EventStatus;
  readonly body: string;
  readonly tries: number;
  readonly nextAt: Date | null;
};

export async function loadEventToSend(db: Db | Tx, id: string): Promise<EventToSend | undefined> {
  if (!isUuid(id)) return undefined;
  const { mchid, orderNo, type, status, body, tries, nextAt } = merchantEvents;
  const [row] = await guarded(() =>
    db
      .select({ id: merchantEvents.id, mchid, orderNo, type, status, body, tries, nextAt })
      .from(merchantEvents)
      .where(eq(merchantEvents.id, id)),
  );
  return row && { ...row, mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo) };
}

/** Of an order and its refunds: oldest first, each with its deliveries, oldest first. */
export async function listEvents(db: Db | Tx, { mchid, orderNo }: OrderRef): Promise<MerchantEventRecord[]> {
  const rows = await guarded(() =>
    db
      .select({ event: recordColumns, delivery: deliveryColumns })
      .from(merchantEvents)
      .leftJoin(deliveries, eq(deliveries.eventId, merchantEvents.id))
      .where(and(eq(merchantEvents.mchid, mchid), eq(merchantEvents.orderNo, orderNo)))
      .orderBy(asc(merchantEvents.seq), asc(deliveries.at)),
  );
  const events = new Map<string, MerchantEventRecord & { deliveries: DeliveryRecord[] }>();
  for (const { event, delivery } of rows) {
    const known = events.get(event.id) ?? { ...eventRecord(event), deliveries: [] };
    if (delivery !== null) known.deliveries.push(delivery);
    events.set(event.id, known);
  }
  return [...events.values()];
}

/** What is still to tell the shop, oldest first: about one refund, or (`null`) about the order itself. */
export async function pendingEvents(
  db: Db | Tx,
  ref: OrderRef & { readonly outRefundNo: OutRefundNo | null },
): Promise<PendingEvent[]> {
  return pendingOf(await loadOutbox(db, ref), ref.outRefundNo);
}

const deliveryColumns = {
  at: deliveries.at,
  status: deliveries.status,
  outcome: deliveries.outcome,
  durationMs: deliveries.durationMs,
};

const recordColumns = {
  id: merchantEvents.id,
  mchid: merchantEvents.mchid,
  orderNo: merchantEvents.orderNo,
  outRefundNo: merchantEvents.outRefundNo,
  type: merchantEvents.type,
  status: merchantEvents.status,
  tries: merchantEvents.tries,
  createdAt: merchantEvents.createdAt,
  deliveredAt: merchantEvents.deliveredAt,
  nextAt: merchantEvents.nextAt,
};

function eventRecord(
  row: Pick<typeof merchantEvents.$inferSelect, keyof typeof recordColumns>,
): Omit<MerchantEventRecord, 'deliveries'> {
  const outRefundNo = row.outRefundNo === null ? null : outRefundNoOf(row.outRefundNo);
  return { ...row, mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo), outRefundNo };
}
