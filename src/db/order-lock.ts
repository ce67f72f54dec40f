import { and, eq } from 'drizzle-orm';
import type { OrderRecord } from '../domain/order/record.js';
import type { Tx } from './connection.js';
import { loadOrder, type OrderRef } from './order.js';
import { orders } from './schema.js';

/**
 * The order as it stands, held until the transaction ends: whoever else would change it waits. Rows that only refer to
 * it (evidence, calls, notifies) are not held up.
 */
export async function lockOrder(tx: Tx, ref: OrderRef): Promise<OrderRecord | undefined> {
  // Two statements: one that waited for the lock would join the new order with attempts as they were before the wait.
  await tx
    .select({ version: orders.version })
    .from(orders)
    .where(and(eq(orders.mchid, ref.mchid), eq(orders.orderNo, ref.orderNo)))
    .for('no key update');
  return loadOrder(tx, ref);
}
