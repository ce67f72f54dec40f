import { and, eq } from 'drizzle-orm';
import type { PendingEvent } from '../domain/merchant-event/event.js';
import type { OrderProjection } from '../domain/order/projection.js';
import type { AttemptRecord, OrderRecord } from '../domain/order/record.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { lockOrder } from './order-lock.js';
import { projectionChange, type AttemptFacts, type ProjectionChange } from './projection-change.js';
import { attempts, orders } from './schema.js';

/**
 * Writes what the order's workflow knows, all of it or nothing. `applied: false` means that the row knows better (a late,
 * repeated or rewound write); `record` is what stands afterwards either way. The same content again changes nothing.
 * The version grows by one when a reader sees a difference.
 */
export async function projectOrder(
  db: Db | Tx,
  projection: OrderProjection,
  now: Date,
): Promise<{ applied: boolean; record: OrderRecord; events: PendingEvent[] }> {
  return withTransaction(db, async (tx) => {
    const standing = await lockOrder(tx, projection);
    if (standing === undefined) throw new Error('A projection names an order that does not exist');
    const change = projectionChange(standing, projection, now);
    if (change === undefined) return { applied: false, record: standing, events: [] };
    await write(tx, standing, change, now);
    return { applied: true, record: projected(standing, change), events: [] };
  });
}

async function write(tx: Tx, standing: OrderRecord, change: ProjectionChange, now: Date): Promise<void> {
  // Attempts first: the order's money refers to its attempt's.
  for (const { standing: attempt, facts } of change.attempts) await writeAttempt(tx, standing, attempt, facts, now);
  if (!change.visible) return;
  await tx
    .update(orders)
    .set({ ...change.order, version: standing.version + 1 })
    .where(and(eq(orders.mchid, standing.mchid), eq(orders.orderNo, standing.orderNo)));
}

async function writeAttempt(
  tx: Tx,
  { mchid }: OrderRecord,
  standing: AttemptRecord,
  facts: AttemptFacts,
  now: Date,
): Promise<void> {
  const { codeGiven, ...columns } = facts;
  await tx
    .update(attempts)
    .set({ ...columns, ...(codeGiven && !standing.codeGiven ? { codeGivenAt: now } : {}) })
    .where(and(eq(attempts.mchid, mchid), eq(attempts.outTradeNo, standing.outTradeNo)));
}

function projected(standing: OrderRecord, change: ProjectionChange): OrderRecord {
  const attemptAfter = (attempt: AttemptRecord): AttemptRecord => ({
    ...attempt,
    ...change.attempts.find((it) => it.standing === attempt)?.facts,
  });
  return {
    ...standing,
    ...change.order,
    version: change.visible ? standing.version + 1 : standing.version,
    attempts: standing.attempts.map(attemptAfter),
  };
}
