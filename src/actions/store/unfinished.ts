import { and, asc, desc, eq, exists, gte, inArray, isNotNull, isNull, lt, not, notExists, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { OutRefundNo } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { isOfAny, perOrder } from '../../db/order-refs.js';
import { gatewayCalls, operatorActions, orders } from '../../db/schema.js';
import { mchidOf, orderNoOf, outRefundNoOf } from '../../db/stored-values.js';
import { claimed, SWEPT_NOW } from '../../db/unfinished.js';
import type { OperatorAction } from '../rules/operator-action.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import { isWaiting, RESOLVE_ACTIONS, type ResolveAction } from '../../orders/rules/states.js';
import { outcomeShown, type UnansweredRequest } from '../../orders/rules/requests.js';
import type { OrderRef } from '../../orders/store/order.js';
import { finishOperatorAction } from './action.js';

/** Something that was asked and has no outcome yet: nobody could be reached, or the answer is still to come. */
export type UnfinishedAction = OrderRef & {
  readonly id: string;
  readonly action: OperatorAction;
  readonly outRefundNo: OutRefundNo | null;
  readonly eventId: string | null;
  readonly requestedAt: Date;
  readonly parameters: {
    readonly until?: Date | undefined;
    readonly outcome?: 'fulfilled' | 'rejected' | undefined;
    readonly action?: ResolveAction | undefined;
    readonly inboxId?: string | undefined;
    readonly outRefundNo?: OutRefundNo | undefined;
  };
};

/** A request is kept whole: everything its action needs is there. */
export function given<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('A request that is kept lacks what it is about');
  return value;
}

/**
 * Unfinished ones that were asked before this time, each offered to one sweeper a minute. Those of an order that cannot go on wait
 * until somebody has rescued it.
 */
export async function findUnfinishedActions(db: Db, askedBefore: Date, limit: number): Promise<UnfinishedAction[]> {
  const { id, mchid, orderNo, action, requestedAt, finishedAt } = operatorActions;
  const stalled = db
    .select({ one: sql`1` })
    .from(orders)
    .where(and(eq(orders.mchid, mchid), eq(orders.orderNo, orderNo), isNotNull(orders.stalledSince)));
  const isHeard = or(eq(action, 'rescue'), notExists(stalled));
  const isDue = and(isNull(finishedAt), lt(requestedAt, askedBefore), isHeard);
  const rows = await db
    .update(operatorActions)
    .set(SWEPT_NOW)
    .where(claimed(operatorActions, [id], { isDue, since: requestedAt, limit }))
    .returning(columns);
  return rows.map(actionOf).toSorted((a, b) => a.requestedAt.getTime() - b.requestedAt.getTime());
}

/** What the order shows to be done or too late has its outcome from then on: nobody's answer is waited for. */
export async function finishAnswered(db: Db, order: OrderRecord, now: Date): Promise<void> {
  // An order that still waits shows nothing of the kind.
  if (isWaiting(order.state)) return;
  const rows = await db.select(columns).from(operatorActions).where(isUnfinishedOf(order));
  for (const { id, action, parameters } of rows.map(actionOf)) {
    const outcome = outcomeShown(order, { action, outcome: parameters.outcome });
    if (outcome !== null) await finishOperatorAction(db, id, outcome, now);
  }
}

/** What the order's loop has to know before it says that time is over, in the order in which it was asked. */
export async function unansweredRequests(db: Db | Tx, ref: OrderRef): Promise<UnansweredRequest[]> {
  const rows = await db
    .select(columns)
    .from(operatorActions)
    .where(
      and(isUnfinishedOf(ref), inArray(operatorActions.action, ['close', 'fulfilment', 'extend', 'hold', 'release'])),
    )
    .orderBy(asc(operatorActions.requestedAt));
  return rows.map(actionOf).flatMap(({ action, parameters: { outcome, until } }): UnansweredRequest[] => {
    if (action === 'close' || action === 'hold' || action === 'release') return [{ action }];
    if (action === 'fulfilment' && outcome !== undefined) return [{ action, outcome }];
    return action === 'extend' && until !== undefined ? [{ action, until }] : [];
  });
}

/** What somebody asked of each of these orders and nobody has answered yet, oldest first. */
export async function openRequestsOfOrders(db: Db | Tx, of: readonly OrderRef[]) {
  const { mchid, orderNo, action, requestedAt: at, seq, finishedAt } = operatorActions;
  const rows = await db
    .select({ mchid, orderNo, action, at })
    .from(operatorActions)
    .where(and(isOfAny(operatorActions, of), isNull(finishedAt)))
    .orderBy(asc(seq));
  return perOrder(rows);
}

/**
 * What came of what a bulk asked of an order: `undefined` when it did not ask yet, `null` while the outcome is open. `joined`
 * means that another request was under way, whose outcome this is not.
 */
export async function recordedOutcome(
  db: Db | Tx,
  { bulkId, ...ref }: OrderRef & { readonly bulkId: string },
): Promise<string | null | undefined> {
  const rows = await db
    .select({ outcome: operatorActions.outcome })
    .from(operatorActions)
    .where(and(isOf(ref), eq(operatorActions.bulkId, bulkId)))
    .orderBy(desc(operatorActions.requestedAt))
    .limit(1);
  return rows[0]?.outcome;
}

/** A workflow that has not asked WeChat Pay by then may be gone: it is told again. */
const UNANSWERED_MS = 5_000;

/** A recheck was handed over a moment ago and WeChat Pay has not been asked since: whoever asks now asks the same. */
export async function isRecheckUnanswered(db: Db, ref: OrderRef, now: Date): Promise<boolean> {
  const since = new Date(now.getTime() - UNANSWERED_MS);
  const isAnswered = exists(
    db
      .select({ one: sql`1` })
      .from(gatewayCalls)
      .where(
        and(
          eq(gatewayCalls.mchid, ref.mchid),
          eq(gatewayCalls.orderNo, ref.orderNo),
          inArray(gatewayCalls.api, ['query', 'refundQuery']),
          gte(gatewayCalls.at, operatorActions.requestedAt),
        ),
      ),
  );
  const rows = await db
    .select({ id: operatorActions.id })
    .from(operatorActions)
    .where(
      and(
        isOf(ref),
        eq(operatorActions.action, 'recheck'),
        eq(operatorActions.outcome, 'asked'),
        gte(operatorActions.requestedAt, since),
        not(isAnswered),
      ),
    )
    .limit(1);
  return rows.length > 0;
}

const isOf = ({ mchid, orderNo }: OrderRef) =>
  and(eq(operatorActions.mchid, mchid), eq(operatorActions.orderNo, orderNo));

const isUnfinishedOf = (ref: OrderRef) => and(isOf(ref), isNull(operatorActions.finishedAt));

const columns = {
  id: operatorActions.id,
  mchid: operatorActions.mchid,
  orderNo: operatorActions.orderNo,
  action: operatorActions.action,
  outRefundNo: operatorActions.outRefundNo,
  eventId: operatorActions.eventId,
  requestedAt: operatorActions.requestedAt,
  parameters: operatorActions.parameters,
};

type Row = Pick<typeof operatorActions.$inferSelect, keyof typeof columns>;

function actionOf({ mchid, orderNo, outRefundNo, parameters, ...row }: Row): UnfinishedAction {
  return {
    ...row,
    mchid: mchidOf(mchid),
    orderNo: orderNoOf(orderNo),
    outRefundNo: outRefundNo === null ? null : outRefundNoOf(outRefundNo),
    parameters: known.parse(parameters),
  };
}

const known = z.object({
  until: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional(),
  outcome: z.enum(['fulfilled', 'rejected']).optional(),
  action: z.enum(RESOLVE_ACTIONS).optional(),
  inboxId: z.string().optional(),
  outRefundNo: z.string().transform(outRefundNoOf).optional(),
});
