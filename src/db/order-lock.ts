import { and, eq } from 'drizzle-orm';
import type { OrderRecord } from '../domain/order/record.js';
import type { Tx } from './connection.js';
import { loadOrder, type OrderRef } from './order.js';
import { loadOutbox, type OutboxEvent } from './outbox.js';
import { orders } from './schema.js';

/**
 * The order as it stands, held until the transaction ends: whoever else would change it waits. Rows that only refer to
 * it (evidence, calls, notifies) are not held up.
 */
export async function lockOrder(tx: Tx, ref: OrderRef): Promise<OrderRecord | undefined> {
  await hold(tx, ref);
  return loadOrder(tx, ref);
}

/** An order with what else its writers decide on. */
export type Standing = {
  readonly order: OrderRecord;
  /** Oldest first, those of its refunds too. */
  readonly events: readonly OutboxEvent[];
};

/** As {@link lockOrder}: its refunds and events change only under the same lock. */
export async function lockStanding(tx: Tx, ref: OrderRef): Promise<Standing | undefined> {
  await hold(tx, ref);
  const [order, events] = await Promise.all([loadOrder(tx, ref), loadOutbox(tx, ref)]);
  return order && { order, events };
}

/** A statement of its own: one that waited for the lock would join the new order with attempts as they were before. */
async function hold(tx: Tx, { mchid, orderNo }: OrderRef): Promise<void> {
  await tx
    .select({ version: orders.version })
    .from(orders)
    .where(and(eq(orders.mchid, mchid), eq(orders.orderNo, orderNo)))
    .for('no key update');
}
