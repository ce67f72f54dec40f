import { and, sql } from 'drizzle-orm';
import type { Fen } from '../../base/money.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { orders } from '../../db/schema.js';
import { differs, fenOf } from '../../db/stored-values.js';
import { nextDueOf } from '../rules/next-step.js';
import type { OrderRecord } from '../rules/record.js';
import { isExplained, shownStuckReason } from '../rules/trouble.js';
import { readableOrder } from '../rules/view.js';
import { isShopUnreachable, loadOutbox, paidEventOf, type OutboxEvent } from '../../shop-events/store/outbox.js';
import { isOrder, loadOrder, type OrderRef } from './order.js';

/**
 * The order as it stands, held until the transaction ends: whoever else would change it waits. Rows that only refer to
 * it (evidence, calls, notifies) are not held up.
 */
export async function lockOrder(tx: Tx, ref: OrderRef): Promise<OrderRecord | undefined> {
  await hold(tx, ref);
  return loadOrder(tx, ref);
}

/** An order and its events: what a writer of it decides on. */
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

const NEXT_VERSION = { version: sql`${orders.version} + 1` };

/** A statement of its own: one that waited for the lock would join the new order with attempts as they were before. */
async function hold(tx: Tx, ref: OrderRef): Promise<void> {
  await tx.select({ version: orders.version }).from(orders).where(isOrder(ref)).for('no key update');
}

/**
 * A changed order with what follows from its own facts, its refunds and its events. Every transaction that changes any of
 * these ends with it. The version grows by one when a reader sees a difference.
 */
export function settled(
  before: OrderRecord,
  after: OrderRecord,
  events: readonly OutboxEvent[],
  now: Date,
): OrderRecord {
  const isDone = after.ownStuckReason === 'refunded_elsewhere' && isExplained(after);
  const own = isDone ? null : after.ownStuckReason;
  const stuckReason = shownStuckReason(own, after.refunds, isShopUnreachable(events), isStalled(after));
  const since = stuckReason === before.stuckReason ? before.stuckSince : now;
  const whole: OrderRecord = {
    ...after,
    stuckReason,
    stuckSince: stuckReason === null ? null : since,
    returnedFen: returnedFen(after),
    paidEvent: paidEventOf(events),
    version: before.version,
  };
  return seen(before) === seen(whole) ? whole : { ...whole, version: before.version + 1 };
}

/** Its workflow, or that of one of its refunds. */
const isStalled = ({ stalledSince, refunds }: OrderRecord): boolean =>
  stalledSince !== null || refunds.some((refund) => refund.stalledSince !== null);

/** What was refunded of all attempts but the one that made the order paid. */
function returnedFen({ attempts, paidAttempt }: OrderRecord): Fen {
  const others = attempts.filter((attempt) => attempt.outTradeNo !== paidAttempt);
  return fenOf(others.reduce((sum, attempt) => sum + attempt.refundedFen, 0));
}

const seen = (order: OrderRecord): string => JSON.stringify(readableOrder(order));

/** After a refund of this order, and with it its attempt's sums, was written: the order as it stands now. */
export async function settleRefunds(tx: Tx, { order: before, events }: Standing, now: Date): Promise<OrderRecord> {
  const written = await loadOrder(tx, before);
  if (written === undefined) throw new Error('An order was removed while it was locked');
  const after = settled(before, written, events, now);
  await writeOrder(tx, before, after);
  return after;
}

/**
 * Shows that Postgres refuses what is known of an order. Touches nothing but that, so that what is refused there is not refused
 * here; the next projection that goes through takes it away.
 */
export const markNotWritten = (db: Db | Tx, ref: OrderRef, now: Date): Promise<void> =>
  mark(db, ref, { ownStuckReason: 'not_written', stuckReason: 'not_written', stuckSince: now });

/** As {@link markNotWritten}, of what others than the order's own workflow write: the next of their writes takes it away. */
export const showNotWritten = (db: Db | Tx, ref: OrderRef, now: Date): Promise<void> =>
  mark(db, ref, { stuckReason: 'not_written', stuckSince: now });

async function mark(
  db: Db | Tx,
  ref: OrderRef,
  shown: Pick<Partial<OrderRecord>, 'ownStuckReason' | 'stuckReason' | 'stuckSince'>,
): Promise<void> {
  const isOther = sql`${orders.stuckReason} is distinct from 'not_written'`;
  await db
    .update(orders)
    .set({ ...shown, ...NEXT_VERSION })
    .where(and(isOrder(ref), isOther));
}

export async function writeOrder(tx: Tx, before: OrderRecord, after: OrderRecord): Promise<void> {
  const { mchid, orderNo, metadata, policy, attempts, refunds, paidEvent, ...row } = after;
  if (!differs(before, row)) return;
  await tx
    .update(orders)
    .set({ ...row, nextDueAt: nextDueOf(after) })
    .where(isOrder(before));
}
