import { sql } from 'drizzle-orm';
import type { OrderRecord } from '../domain/order/record.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { isOrder, loadOrder, type OrderRef } from './order.js';
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

/** Changes something that readers of an order see beside its state. Where the change changes no row, its version stays. */
export async function seenByReaders(
  db: Db | Tx,
  ref: OrderRef,
  change: (tx: Tx) => PromiseLike<readonly unknown[]>,
): Promise<void> {
  await withTransaction(db, async (tx) => {
    await hold(tx, ref);
    if ((await change(tx)).length > 0) await tx.update(orders).set(NEXT_VERSION).where(isOrder(ref));
  });
}

/** Readers see that something changed. */
export const NEXT_VERSION = { version: sql`${orders.version} + 1` };

/** A statement of its own: one that waited for the lock would join the new order with attempts as they were before. */
async function hold(tx: Tx, ref: OrderRef): Promise<void> {
  await tx.select({ version: orders.version }).from(orders).where(isOrder(ref)).for('no key update');
}
