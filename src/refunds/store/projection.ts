import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { refunds } from '../../db/schema.js';
import { differs } from '../../db/stored-values.js';
import { nextDueOfRefund } from '../rules/next-step.js';
import type { RefundProjection } from '../rules/state.js';
import type { RefundRecord } from '../rules/record.js';
import { isRefundFinal, REFUND_TRANSITIONS, type RefundStateName } from '../rules/states.js';
import { settleRefunds, type Standing } from '../../orders/store/change.js';
import { refundEvents, type PendingEvent } from '../../shop-events/rules/event.js';
import { emitEvents, pendingOf, type OutboxEvent } from '../../shop-events/store/outbox.js';
import { isRefund, type RefundRef } from './record.js';
import { lockRefund, reserveRest, reserveSuccessor, type Successor } from './reserve.js';

type ProjectedRefund = {
  readonly applied: boolean;
  readonly before: RefundStateName;
  readonly refund: RefundRecord;
  readonly successor: RefundRecord | null;
  /** Still to be told about this refund, oldest first. */
  readonly events: PendingEvent[];
};

/**
 * Writes a refund with its attempt's sums, what its order shows and the shop's events; the same content again changes nothing.
 * `applied: false`: the row knows better. `refund` and `events` stand afterwards either way; `successor` as of `reserveRest`.
 */
export async function projectRefund(db: Db | Tx, projection: RefundProjection, now: Date): Promise<ProjectedRefund> {
  const { outRefundNo } = projection;
  return withTransaction(db, async (tx) => {
    const { standing, before } = await locked(tx, projection);
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
    const { standing, before } = await locked(tx, ref);
    if (before.trouble === 'not_written' || isRefundFinal(before.state)) return;
    await tx.update(refunds).set({ trouble: 'not_written' }).where(isRefund(before));
    await settleRefunds(tx, standing, now);
  });
}

async function locked(tx: Tx, ref: RefundRef): Promise<{ standing: Standing; before: RefundRecord }> {
  const found = await lockRefund(tx, ref);
  if (found === undefined) throw new Error('A projection names a refund that was never reserved');
  return { standing: found.standing, before: found.refund };
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

/**
 * The money of one of PaySaga's own refunds that came to nothing, as a person gave it back outside WeChat Pay: its successor, which
 * has succeeded from its first moment and never goes out.
 */
export async function recordPaidOffline(db: Db | Tx, request: RefundRef & { readonly now: Date }): Promise<Successor> {
  const { now } = request;
  return withTransaction(db, async (tx) => {
    const successor = await reserveSuccessor(tx, { ...request, isOffline: true });
    if (typeof successor === 'string' || successor.offline) return successor;
    const { mchid, outRefundNo } = successor;
    const paid = {
      state: 'succeeded',
      refundId: null,
      succeededAtMs: now.getTime(),
      offline: true,
      trouble: null,
    } as const;
    return (await projectRefund(tx, { mchid, outRefundNo, ...paid }, now)).refund;
  });
}

/** `undefined` when the projection asks for a move that the refund may not make. A success keeps its time. */
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

function mayMove(standing: RefundRecord, { state, refundId, offline, cause }: RefundProjection): boolean {
  // It has become somebody else's.
  if (cause !== undefined && standing.cause !== cause) return false;
  // WeChat Pay's number of a refund is one for life, as ours is.
  if (standing.refundId !== null && refundId !== null && standing.refundId !== refundId) return false;
  if (standing.state !== state) return REFUND_TRANSITIONS[standing.state].includes(state);
  return standing.state !== 'succeeded' || standing.offline === offline;
}
