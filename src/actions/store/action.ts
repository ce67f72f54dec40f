import { and, eq, isNull, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { OutRefundNo } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { merchantEvents, operatorActions } from '../../db/schema.js';
import { isUuid, mchidOf, orderNoOf } from '../../db/stored-values.js';
import { SUPERSEDES, type OperatorAction } from '../rules/operator-action.js';
import type { AskingKey } from '../rules/asking-key.js';
import { isAboveLimit } from './refund-limit.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import { lockOrder } from '../../orders/store/change.js';
import { loadOrder, type OrderRef } from '../../orders/store/order.js';
import { orderSnapshot, type OrderSnapshot } from '../../timeline/rules/entry.js';

export type OperatorRequest = OrderRef & {
  readonly action: OperatorAction;
  /** What of the order it is about, where that is not all of it. */
  readonly outRefundNo?: OutRefundNo;
  readonly eventId?: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What would go back to the payer by it, as far as is known: it counts against the limit of `key`. */
  readonly amountFen?: number;
  readonly key?: AskingKey;
  readonly reason: string | null;
  /** Who asked, as a person reads it. */
  readonly actor: string;
  readonly at: Date;
  readonly bulkId?: string;
};

/** `isAboveLimit`: kept with that outcome, and not to be done. */
export type OpenedAction = { readonly id: string; readonly isRepeat: boolean; readonly isAboveLimit?: true };

/**
 * Records what somebody asked of an order as it stands; the id names the request to its workflow. An order has at most one open
 * row per action and what it is about: the same request joins it (`isRepeat`), one with other parameters ends as `superseded` what
 * {@link SUPERSEDES} says. Whoever else joins is kept, too, as `joined`. Throws {@link SaidOtherwise} where the first word stands.
 */
export async function openOperatorAction(db: Db | Tx, request: OperatorRequest): Promise<OpenedAction> {
  return withTransaction(db, async (tx): Promise<OpenedAction> => {
    const order = await lockOrder(tx, request);
    if (order === undefined) throw new Error('An action was asked of an order that does not exist');
    const before = await snapshotOf(tx, order, request);
    const [open] = await tx.select(standing(request)).from(operatorActions).where(isOpen(request));
    if (open?.equal === true) {
      const { at: finishedAt } = request;
      if (isSomeoneElse(open, request))
        await insert(tx, request, { before, after: before, outcome: JOINED, finishedAt });
      return { id: open.id, isRepeat: true };
    }
    const superseded = SUPERSEDES[request.action] ?? [request.action];
    if (open !== undefined && !superseded.includes(request.action)) throw new SaidOtherwise();
    if (await isAboveLimit(tx, request)) {
      const { at: finishedAt } = request;
      const id = await insert(tx, request, { before, after: before, outcome: ABOVE_LIMIT, finishedAt });
      return { id, isRepeat: false, isAboveLimit: true };
    }
    for (const { id } of open === undefined ? await otherOpen(tx, request, superseded) : [open]) {
      await finishOperatorAction(tx, id, 'superseded', request.at);
    }
    return { id: await insert(tx, request, { before }), isRepeat: false };
  });
}

/** Something else was said before, and stands; no workflow has heard it yet. */
export class SaidOtherwise extends Error {
  override readonly name = 'SaidOtherwise';
  readonly code = 'said_otherwise';

  constructor() {
    super('Something else was said before');
  }
}

/** Keeps what came of it, and the order as it is then. The first outcome stays. */
export async function finishOperatorAction(db: Db | Tx, id: string, outcome: string, at: Date): Promise<void> {
  if (!isUuid(id)) return;
  const isUnfinished = and(eq(operatorActions.id, id), isNull(operatorActions.finishedAt));
  const { mchid, orderNo, action, outRefundNo, eventId, parameters } = operatorActions;
  const columns = { mchid, orderNo, action, outRefundNo, eventId, parameters };
  await withTransaction(db, async (tx) => {
    const [row] = await tx.select(columns).from(operatorActions).where(isUnfinished);
    if (row === undefined) return;
    const order = await loadOrder(tx, { mchid: mchidOf(row.mchid), orderNo: orderNoOf(row.orderNo) });
    if (order === undefined) throw new Error('An order was removed that somebody asked something of');
    const after = await snapshotOf(tx, order, row);
    await tx.update(operatorActions).set({ outcome, finishedAt: at, after }).where(isUnfinished);
  });
}

async function otherOpen(
  tx: Tx,
  request: OperatorRequest,
  actions: readonly OperatorAction[],
): Promise<{ id: string }[]> {
  const others = actions.filter((action) => action !== request.action);
  if (others.length === 0) return [];
  return tx
    .select({ id: operatorActions.id })
    .from(operatorActions)
    .where(or(...others.map((action) => isOpen({ ...request, action }))));
}

/** As the API's code. */
const ABOVE_LIMIT = 'refund_above_limit';

/** What was asked for was under way already, for another person or another reason. */
const JOINED = 'joined';

const isSomeoneElse = (open: Pick<OperatorRequest, 'actor' | 'reason'>, { actor, reason }: OperatorRequest): boolean =>
  open.actor !== actor || open.reason !== reason;

type Rest = Partial<Pick<typeof operatorActions.$inferInsert, 'before' | 'after' | 'outcome' | 'finishedAt'>>;

async function insert(tx: Tx, request: OperatorRequest, rest: Rest): Promise<string> {
  const { mchid, orderNo, action, parameters, reason, actor, at: requestedAt } = request;
  const { outRefundNo = null, eventId = null, bulkId = null, amountFen = 0 } = request;
  const subject = { outRefundNo, eventId, bulkId, parameters, amountFen: amountFen > 0 ? amountFen : null };
  const asked = { mchid, orderNo, action, ...subject, reason, actor, requestedAt };
  const [row] = await tx
    .insert(operatorActions)
    .values({ ...asked, ...rest })
    .returning({ id: operatorActions.id });
  if (row === undefined) throw new Error('An inserted action was not returned');
  return row.id;
}

type Subject = {
  readonly action: OperatorAction;
  readonly outRefundNo?: string | null;
  readonly eventId?: string | null;
  readonly parameters: unknown;
};

async function snapshotOf(tx: Tx, order: OrderRecord, subject: Subject): Promise<OrderSnapshot> {
  const refundNo = refundNoOf(subject);
  const refund = order.refunds.find(({ outRefundNo }) => outRefundNo === refundNo);
  const { eventId: id = null } = subject;
  if (id === null) return orderSnapshot(order, refund, null);
  const { status } = merchantEvents;
  const [event] = await tx.select({ status }).from(merchantEvents).where(eq(merchantEvents.id, id));
  return orderSnapshot(order, refund, event === undefined ? null : { id, ...event });
}

/** A refund that is asked for or approved is not there yet when it is: only what was asked names it. */
const refundNoOf = ({ action, outRefundNo = null, parameters }: Subject): string | null =>
  action === 'refund' || action === 'approve' ? refundAsked.parse(parameters).refundNo : outRefundNo;

const refundAsked = z.object({ refundNo: z.string() });

/** Compared by Postgres: equal JSON whatever the order of its keys. */
const standing = ({ parameters }: OperatorRequest) => ({
  id: operatorActions.id,
  actor: operatorActions.actor,
  reason: operatorActions.reason,
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
