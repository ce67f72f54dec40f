import { and, asc, eq } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { isOfAny, perOrder } from '../../db/order-refs.js';
import { approvals } from '../../db/schema.js';
import { fenOf, isUuid, mchidOf, orderNoOf, outRefundNoOf } from '../../db/stored-values.js';
import type { OrderRef } from '../../orders/store/order.js';
import type { RefundSource } from '../../refunds/rules/source.js';
import type { RefundRef } from '../../refunds/store/record.js';
import { sourceOf } from '../../refunds/store/source.js';
import { STATUS_AFTER, type ApprovalDecisionName, type ApprovalRecord } from '../rules/approval.js';

export type ApprovalRow = typeof approvals.$inferSelect;

export function approvalRecord({ bodyHash, source, ...row }: ApprovalRow): ApprovalRecord {
  return {
    ...row,
    mchid: mchidOf(row.mchid),
    orderNo: orderNoOf(row.orderNo),
    outRefundNo: outRefundNoOf(row.outRefundNo),
    amountFen: fenOf(row.amountFen),
  };
}

/** Under the order's lock. `undefined` when the number has one: another order took it at this moment. */
export async function insertApproval(
  tx: Tx,
  terms: Omit<typeof approvals.$inferInsert, 'id' | 'status'>,
): Promise<ApprovalRecord | undefined> {
  const rows = await tx.insert(approvals).values(terms).onConflictDoNothing().returning();
  return rows.map(approvalRecord)[0];
}

/** What was asked for under this number, with its body's hash. */
export async function approvalOfRefund(
  db: Db | Tx,
  { mchid, outRefundNo }: RefundRef,
): Promise<{ readonly approval: ApprovalRecord; readonly bodyHash: string } | undefined> {
  const rows = await db
    .select()
    .from(approvals)
    .where(and(eq(approvals.mchid, mchid), eq(approvals.outRefundNo, outRefundNo)));
  return rows.map((row) => ({ approval: approvalRecord(row), bodyHash: row.bodyHash }))[0];
}

/** Oldest first. */
export async function approvalsOfOrder(db: Db | Tx, { mchid, orderNo }: OrderRef): Promise<ApprovalRecord[]> {
  const rows = await db
    .select()
    .from(approvals)
    .where(and(eq(approvals.mchid, mchid), eq(approvals.orderNo, orderNo)))
    .orderBy(asc(approvals.createdAt), asc(approvals.id));
  return rows.map(approvalRecord);
}

/** Of each of these orders those that wait, oldest first. */
export async function pendingApprovalsOfOrders(db: Db | Tx, orders: readonly OrderRef[]) {
  const rows = await db
    .select()
    .from(approvals)
    .where(and(isOfAny(approvals, orders), eq(approvals.status, 'pending')))
    .orderBy(asc(approvals.createdAt), asc(approvals.id));
  return perOrder(rows.map(approvalRecord));
}

/** With what only the refund is made of. */
export type AskedRefund = {
  readonly approval: ApprovalRecord;
  readonly bodyHash: string;
  readonly source: RefundSource | null;
};

export type ApprovalRef = { readonly mchid: Mchid; readonly id: string };

export async function loadApproval(db: Db | Tx, ref: ApprovalRef): Promise<AskedRefund | undefined> {
  if (!isUuid(ref.id)) return undefined;
  const [row] = await db.select().from(approvals).where(isApproval(ref));
  return row && { approval: approvalRecord(row), bodyHash: row.bodyHash, source: sourceOf(row.source) };
}

type Decided = {
  readonly decision: ApprovalDecisionName;
  readonly keyId: string;
  readonly name: string;
  readonly reason: string;
  readonly at: Date;
};

/** Under the order's lock, once. */
export async function decideApproval(tx: Tx, ref: ApprovalRef, decided: Decided): Promise<void> {
  const { decision, keyId: decidedByKey, name: decidedByName, reason: decisionReason, at: decidedAt } = decided;
  await tx
    .update(approvals)
    .set({ status: STATUS_AFTER[decision], decidedAt, decidedByKey, decidedByName, decisionReason })
    .where(isApproval(ref));
}

const isApproval = ({ mchid, id }: ApprovalRef) => and(eq(approvals.mchid, mchid), eq(approvals.id, id));
