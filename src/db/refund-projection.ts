import { refundEvents } from '../domain/merchant-event/emit.js';
import type { PendingEvent } from '../domain/merchant-event/event.js';
import { nextDueOfRefund } from '../domain/order/next-due.js';
import type { RefundProjection } from '../domain/refund/projection.js';
import type { RefundRecord } from '../domain/refund/record.js';
import { isRefundFinal, REFUND_TRANSITIONS, type RefundStateName } from '../domain/refund/states.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { differs } from './differs.js';
import { settleRefunds } from './order-change.js';
import { lockStanding, type Standing } from './order-lock.js';
import { emitEvents, pendingOf, type OutboxEvent } from './outbox.js';
import { isRefund, type RefundRef } from './refund-record.js';
import { reserveRest } from './refund-return.js';
import { refunds } from './schema.js';
import { orderNoOf } from './stored-ids.js';

export type ProjectedRefund = {
  readonly applied: boolean;
  /** The state it was in. */
  readonly before: RefundStateName;
  readonly refund: RefundRecord;
  /** Takes its place over what is left, where others gave back some of the money. */
  readonly successor: RefundRecord | null;
  /** What is still to tell the shop about this refund, oldest first. */
  readonly events: PendingEvent[];
};

/**
 * Writes what the refund's workflow knows, and with it its attempt's sums, what its order shows, and the events that tell the
 * shop. `applied: false` means that the row knows better; `refund` and `events` are what stands afterwards either way. The
 * same content again changes nothing.
 */
export async function projectRefund(db: Db | Tx, projection: RefundProjection, now: Date): Promise<ProjectedRefund> {
  const { outRefundNo } = projection;
  return withTransaction(db, async (tx) => {
    const { standing, before } = await lockRefund(tx, projection);
    const after = projected(before, projection, now);
    const events = (emitted: readonly OutboxEvent[]) => pendingOf([...standing.events, ...emitted], outRefundNo);
    const known = { before: before.state, successor: null };
    if (after === undefined) return { ...known, applied: false, refund: before, events: events([]) };
    const emitted = differs(before, after) ? await write(tx, standing, { before, after }, now) : [];
    const isRefused = before.state !== after.state && after.state === 'rejected';
    const successor = isRefused ? await reserveRest(tx, after, now) : null;
    return { applied: true, before: before.state, refund: after, successor, events: events(emitted) };
  });
}

/** As `markNotWritten`, of a refund: it shows as its order's. Only one that is not over can have anything left to write. */
export async function markRefundNotWritten(db: Db | Tx, ref: RefundRef, now: Date): Promise<void> {
  await withTransaction(db, async (tx) => {
    const { standing, before } = await lockRefund(tx, ref);
    if (before.trouble === 'not_written' || isRefundFinal(before.state)) return;
    await tx.update(refunds).set({ trouble: 'not_written' }).where(isRefund(before));
    await settleRefunds(tx, standing, now);
  });
}

async function lockRefund(tx: Tx, ref: RefundRef): Promise<{ standing: Standing; before: RefundRecord }> {
  const [owner] = await tx.select({ orderNo: refunds.orderNo }).from(refunds).where(isRefund(ref));
  if (owner === undefined) throw new Error('A projection names a refund that was never reserved');
  const standing = await lockStanding(tx, { mchid: ref.mchid, orderNo: orderNoOf(owner.orderNo) });
  const before = standing?.order.refunds.find((refund) => refund.outRefundNo === ref.outRefundNo);
  if (standing === undefined || before === undefined) throw new Error('A refund was removed');
  return { standing, before };
}

async function write(
  tx: Tx,
  standing: Standing,
  { before, after }: { before: RefundRecord; after: RefundRecord },
  now: Date,
): Promise<OutboxEvent[]> {
  const { state, refundId, succeededAt, offline, trouble, stalledSince } = after;
  await tx
    .update(refunds)
    .set({ state, refundId, succeededAt, offline, trouble, stalledSince, nextDueAt: nextDueOfRefund(after) })
    .where(isRefund(before));
  const order = await settleRefunds(tx, standing, now);
  return emitEvents(tx, { types: refundEvents(before, after), order, refund: after, late: false }, now);
}

/** The refund as the projection says; `undefined` when that is a move it may not make. Its end stays as it was. */
function projected(standing: RefundRecord, projection: RefundProjection, now: Date): RefundRecord | undefined {
  if (!mayMove(standing, projection)) return undefined;
  const { state, succeededAtMs, offline, trouble } = projection;
  const said = succeededAtMs === null ? now : new Date(succeededAtMs);
  return {
    ...standing,
    state,
    refundId: standing.refundId ?? projection.refundId,
    succeededAt: state === 'succeeded' ? (standing.succeededAt ?? said) : null,
    offline: state === 'succeeded' && offline,
    trouble: isRefundFinal(state) ? null : trouble,
    stalledSince: null,
  };
}

function mayMove(standing: RefundRecord, { state, refundId, offline }: RefundProjection): boolean {
  // WeChat Pay's number of a refund is one for life, as ours is.
  if (standing.refundId !== null && refundId !== null && standing.refundId !== refundId) return false;
  if (standing.state !== state) return REFUND_TRANSITIONS[standing.state].includes(state);
  return standing.state !== 'succeeded' || standing.offline === offline;
}
