import { and, eq } from 'drizzle-orm';
import { firstOutTradeNo, type Mchid, type OrderNo, type OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { attempts, merchantEvents, orders, refunds } from '../../db/schema.js';
import type { OrderRecord } from '../rules/record.js';
import type { Policy } from '../rules/policy.js';
import type { H5Type, Product } from '../rules/product.js';
import {
  isAttemptOfOrder,
  isPaidEventOfOrder,
  isRefundOfAttempt,
  joined,
  newOrderRecord,
  orderRecords,
} from './record.js';

export type OrderRef = { readonly mchid: Mchid; readonly orderNo: OrderNo };

export type AttemptRef = { readonly mchid: Mchid; readonly outTradeNo: OutTradeNo };

export type NewOrder = OrderRef & {
  readonly bodyHash: string;
  readonly amountFen: Fen;
  readonly description: string;
  readonly attach: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly policy: Policy;
  readonly expiresInSeconds: number;
  readonly createdAt: Date;
  readonly product: Product;
  readonly appid: string;
  readonly openid: string | null;
  readonly clientIp: string | null;
  readonly h5Type: H5Type | null;
};

/**
 * The idempotency guard of an order: the first one inserts it, with attempt 1, which is not yet sent. Whoever comes
 * later gets the order as it stands, whatever they asked for; compare `bodyHash`.
 */
export async function insertOrder(db: Db | Tx, order: NewOrder): Promise<{ inserted: boolean; record: OrderRecord }> {
  return withTransaction(db, async (tx) => {
    const [row] = await tx.insert(orders).values(orderValues(order)).onConflictDoNothing().returning();
    if (row !== undefined) {
      const [attempt] = await tx.insert(attempts).values(firstAttemptValues(order)).returning();
      if (attempt === undefined) throw new Error('An inserted attempt was not returned');
      return { inserted: true, record: newOrderRecord(row, attempt) };
    }
    const record = await loadOrder(tx, order);
    if (record === undefined) throw new Error('An order was removed while it was inserted again');
    return { inserted: false, record };
  });
}

export async function loadOrder(db: Db | Tx, ref: OrderRef): Promise<OrderRecord | undefined> {
  // One statement, so that the order, its attempts and its refunds are of the same moment.
  const rows = await db
    .select(joined)
    .from(orders)
    .innerJoin(attempts, isAttemptOfOrder)
    .leftJoin(refunds, isRefundOfAttempt)
    .leftJoin(merchantEvents, isPaidEventOfOrder)
    .where(isOrder(ref));
  return orderRecords(rows)[0];
}

export const isOrder = ({ mchid, orderNo }: OrderRef) => and(eq(orders.mchid, mchid), eq(orders.orderNo, orderNo));

function orderValues(order: NewOrder): typeof orders.$inferInsert {
  const { mchid, orderNo, bodyHash, amountFen, description, attach, metadata, policy } = order;
  const { expiresInSeconds, createdAt } = order;
  const expiresAt = new Date(createdAt.getTime() + expiresInSeconds * 1_000);
  const terms = { bodyHash, amountFen, description, attach, metadata, policy };
  return { mchid, orderNo, ...terms, expiresInSeconds, expiresAt, createdAt, nextDueAt: createdAt };
}

function firstAttemptValues(order: NewOrder): typeof attempts.$inferInsert {
  const { mchid, orderNo, product, appid, openid, clientIp, h5Type } = order;
  return { mchid, orderNo, outTradeNo: firstOutTradeNo(orderNo), number: 1, product, appid, openid, clientIp, h5Type };
}
