import { and, eq, isNull, sql } from 'drizzle-orm';
import type { OutRefundNo } from '../domain/ids.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { guarded } from './failure.js';
import { lockOrder } from './order-lock.js';
import type { OrderRef } from './order.js';
import { isUuid } from './row-id.js';
import { operatorActions } from './schema.js';
import type { OperatorAction } from './words.js';

export type OperatorRequest = OrderRef & {
  readonly action: OperatorAction;
  /** What of the order it is about, where that is not all of it. */
  readonly outRefundNo?: OutRefundNo;
  readonly eventId?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
  /** Who asked, as a person reads it. */
  readonly actor: string;
  readonly at: Date;
  /** The bulk it is part of. */
  readonly bulkId?: string;
};

/**
 * Records what somebody asked of an order; the id names the request to its workflow. An order has at most one open row
 * per action and what it is about: the same request joins it (`isRepeat`), one with other parameters ends it as `superseded` and takes its place.
 */
export async function openOperatorAction(
  db: Db | Tx,
  request: OperatorRequest,
): Promise<{ id: string; isRepeat: boolean }> {
  return withTransaction(db, async (tx) => {
    const order = await lockOrder(tx, request);
    if (order === undefined) throw new Error('An action was asked of an order that does not exist');
    const [open] = await tx.select(joined(request)).from(operatorActions).where(isOpen(request));
    if (open?.equal === true) return { id: open.id, isRepeat: true };
    if (open !== undefined) await finishOperatorAction(tx, open.id, 'superseded', request.at);
    const { mchid, orderNo, action, parameters, reason, actor, at } = request;
    const { outRefundNo = null, eventId = null, bulkId = null } = request;
    const [row] = await tx
      .insert(operatorActions)
      .values({ mchid, orderNo, action, outRefundNo, eventId, bulkId, parameters, reason, actor, requestedAt: at })
      .returning({ id: operatorActions.id });
    if (row === undefined) throw new Error('An inserted action was not returned');
    return { ...row, isRepeat: false };
  });
}

/** The first outcome stays. */
export async function finishOperatorAction(db: Db | Tx, id: string, outcome: string, at: Date): Promise<void> {
  if (!isUuid(id)) return;
  await guarded(() =>
    db
      .update(operatorActions)
      .set({ outcome, finishedAt: at })
      .where(and(eq(operatorActions.id, id), isNull(operatorActions.finishedAt))),
  );
}

/** Compared by Postgres: equal JSON whatever the order of its keys. */
const joined = ({ parameters }: OperatorRequest) => ({
  id: operatorActions.id,
  equal: sql<boolean>`${operatorActions.parameters} = ${sql.param(parameters, operatorActions.parameters)}`,
});

const isOpen = ({ mchid, orderNo, action, outRefundNo, eventId }: OperatorRequest) =>
  and(
    eq(operatorActions.mchid, mchid),
    eq(operatorActions.orderNo, orderNo),
    eq(operatorActions.action, action),
    outRefundNo === undefined ? isNull(operatorActions.outRefundNo) : eq(operatorActions.outRefundNo, outRefundNo),
    eventId === undefined ? isNull(operatorActions.eventId) : eq(operatorActions.eventId, eventId),
    isNull(operatorActions.finishedAt),
  );
