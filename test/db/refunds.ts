import { parseOutRefundNo, parseRefundNo, type OutRefundNo } from '../../src/base/ids.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import type { RefundProjection } from '../../src/refunds/rules/state.js';
import type { RefundRecord } from '../../src/refunds/rules/record.js';
import type { Db } from '../../src/db/connection.js';
import { loadOrder, type OrderRef } from '../../src/orders/store/order.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { projectRefund } from '../../src/refunds/store/projection.js';
import { reserveRefund, type RefundRequest } from '../../src/refunds/store/reserve.js';
import type { FileDatabase } from './database.js';
import { fen, LATER, paid } from './fixtures.js';

export function refundNo(value: string): OutRefundNo {
  const parsed = parseRefundNo(value);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

export function outRefundNo(value: string): OutRefundNo {
  const parsed = parseOutRefundNo(value);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Paid by its first attempt, in full: 1200 fen. */
export async function paidOrder(database: FileDatabase): Promise<OrderRecord> {
  return (await projectOrder(database.db, paid(await database.place()), LATER)).record;
}

export async function standing(db: Db, ref: OrderRef): Promise<OrderRecord> {
  const record = await loadOrder(db, ref);
  if (record === undefined) throw new Error('the order is there');
  return record;
}

/** Asked for by a shop whose merchant has nobody approve refunds. */
export const BY_SHOP = {
  key: { id: '00000000-0000-4000-8000-000000000001', name: null, refundLimitFen: null },
  policy: null,
} as const;

/** A refund of 500 fen that nothing else in the file asks for. */
export function refundRequest(order: OrderRef, change: Partial<RefundRequest> = {}): RefundRequest {
  sequence += 1;
  return {
    mchid: order.mchid,
    orderNo: order.orderNo,
    outRefundNo: refundNo(`refund-${String(sequence)}`),
    amountFen: fen(500),
    reason: 'cold tea',
    source: null,
    bodyHash: 'hash-of-the-refund',
    now: LATER,
    ...BY_SHOP,
    ...change,
  };
}

let sequence = 0;

export async function reserved(db: Db, order: OrderRef, change: Partial<RefundRequest> = {}): Promise<RefundRecord> {
  const answer = await reserveRefund(db, refundRequest(order, change));
  if (typeof answer === 'string') throw new Error(answer);
  if ('approval' in answer) throw new Error('the refund waits for an approval');
  return answer.refund;
}

/** What a workflow that knows exactly this record would project. */
export function refundProjection(refund: RefundRecord, change: Partial<RefundProjection> = {}): RefundProjection {
  const { mchid, outRefundNo, state, refundId, succeededAt, offline, trouble } = refund;
  const succeededAtMs = succeededAt?.getTime() ?? null;
  return { mchid, outRefundNo, state, refundId, succeededAtMs, offline, trouble, ...change };
}

export async function moved(db: Db, refund: RefundRecord, change: Partial<RefundProjection>): Promise<RefundRecord> {
  const answer = await projectRefund(db, refundProjection(refund, change), LATER);
  if (!answer.applied) throw new Error('the row refused this projection');
  return answer.refund;
}

export const succeeded = (at = LATER): Partial<RefundProjection> => ({
  state: 'succeeded',
  refundId: '5030',
  succeededAtMs: at.getTime(),
});
