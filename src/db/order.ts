import { and, desc, eq, gte, isNotNull, lt, sql, type SQL } from 'drizzle-orm';
import { firstOutTradeNo, ORDER_NO_PATTERN, type Mchid, type OrderNo, type OutTradeNo } from '../base/ids.js';
import type { Fen } from '../base/money.js';
import type { AttemptParameters, OrderRecord } from '../domain/order/record.js';
import type { OrderStateName, StuckReason } from '../domain/order/states.js';
import type { Policy } from '../domain/policy.js';
import type { H5Type, Product } from '../domain/product.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { guarded } from './failure.js';
import { decodeCursor, isAfter, pageOf, type Keyset } from './keyset.js';
import { newOrderRecord, orderRecords } from './order-record.js';
import { refundColumns } from './refund-record.js';
import { attempts, merchantEvents, orders, refunds } from './schema.js';
import { fenOf, outTradeNoOf } from './stored-ids.js';

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
  const rows = await guarded(() =>
    db
      .select(joined)
      .from(orders)
      .innerJoin(attempts, isAttemptOfOrder)
      .leftJoin(refunds, isRefundOfAttempt)
      .leftJoin(merchantEvents, isPaidEventOfOrder)
      .where(isOrder(ref)),
  );
  return orderRecords(rows)[0];
}

export const isOrder = ({ mchid, orderNo }: OrderRef) => and(eq(orders.mchid, mchid), eq(orders.orderNo, orderNo));

export async function loadAttemptParameters(db: Db | Tx, ref: AttemptRef): Promise<AttemptParameters | undefined> {
  const [row] = await guarded(() =>
    db
      .select({
        outTradeNo: attempts.outTradeNo,
        product: attempts.product,
        appid: attempts.appid,
        amountFen: orders.amountFen,
        description: orders.description,
        attach: orders.attach,
        openid: attempts.openid,
        clientIp: attempts.clientIp,
        h5Type: attempts.h5Type,
        expiresAt: orders.expiresAt,
        prepayBody: attempts.prepayBody,
      })
      .from(attempts)
      .innerJoin(orders, and(eq(orders.mchid, attempts.mchid), eq(orders.orderNo, attempts.orderNo)))
      .where(and(eq(attempts.mchid, ref.mchid), eq(attempts.outTradeNo, ref.outTradeNo))),
  );
  return row && { ...row, outTradeNo: outTradeNoOf(row.outTradeNo), amountFen: fenOf(row.amountFen) };
}

export type OrderFilter = {
  readonly mchid: Mchid;
  readonly state?: OrderStateName;
  /** `any`: everything that is stuck. */
  readonly stuckReason?: StuckReason | 'any';
  /** Inclusive. */
  readonly createdFrom?: Date;
  /** Exclusive. */
  readonly createdTo?: Date;
  readonly cursor?: string;
  readonly limit: number;
};

/** What tells orders of one moment apart in a cursor. */
export const ORDER_CURSOR_ID = new RegExp(ORDER_NO_PATTERN);

export type OrderPage = { readonly items: OrderRecord[]; readonly nextCursor: string | null };

/** Newest first. `nextCursor` continues where the page ended, whatever was placed since; `bad_cursor` for one that no page gave. */
export async function listOrders(db: Db | Tx, filter: OrderFilter): Promise<OrderPage | 'bad_cursor'> {
  const after = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor, ORDER_CURSOR_ID);
  if (filter.cursor !== undefined && after === undefined) return 'bad_cursor';
  const where = and(...conditions(filter), after && isAfter(orders.createdAt, orders.orderNo, after));
  const orderBy = [desc(orders.createdAt), desc(orders.orderNo)];
  const rows = await guarded(() => pageQuery(db, { where, orderBy, limit: filter.limit }));
  const byKey = orderRecords(rows).toSorted(newestFirst);
  const keyOf = ({ createdAt, orderNo }: OrderRecord): Keyset => ({ at: createdAt, id: orderNo });
  return pageOf(byKey, filter.limit, { keyOf, itemOf: (record) => record });
}

/**
 * The page's keys come from an index alone, in its order; only their rows are then read, in any order. So a page costs the same
 * however many orders there are, and the result needs no sorting in Postgres. One order more than the page, see `pageOf`.
 */
export function pageQuery(
  db: Db | Tx,
  { where, orderBy, limit }: { readonly where: SQL | undefined; readonly orderBy: SQL[]; readonly limit: number },
) {
  const page = db
    .select({ mchid: orders.mchid, orderNo: orders.orderNo })
    .from(orders)
    .where(where)
    .orderBy(...orderBy)
    .limit(limit + 1)
    .as('page');
  return db
    .select(joined)
    .from(page)
    .innerJoin(orders, and(eq(orders.mchid, page.mchid), eq(orders.orderNo, page.orderNo)))
    .innerJoin(attempts, isAttemptOfOrder)
    .leftJoin(refunds, isRefundOfAttempt)
    .leftJoin(merchantEvents, isPaidEventOfOrder);
}

function conditions({ mchid, state, stuckReason, createdFrom, createdTo }: OrderFilter): (SQL | undefined)[] {
  return [
    eq(orders.mchid, mchid),
    state && eq(orders.state, state),
    stuckReason && (stuckReason === 'any' ? isNotNull(orders.stuckReason) : eq(orders.stuckReason, stuckReason)),
    createdFrom && gte(orders.createdAt, createdFrom),
    createdTo && lt(orders.createdAt, createdTo),
  ];
}

function newestFirst(a: OrderRecord, b: OrderRecord): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.orderNo < b.orderNo ? 1 : -1);
}

const joined = {
  order: orders,
  attempt: attempts,
  refund: refundColumns,
  paidEvent: { status: merchantEvents.status, deliveredAt: merchantEvents.deliveredAt },
};

const isAttemptOfOrder = and(eq(attempts.mchid, orders.mchid), eq(attempts.orderNo, orders.orderNo));

const isRefundOfAttempt = and(eq(refunds.mchid, attempts.mchid), eq(refunds.outTradeNo, attempts.outTradeNo));

// The word itself, as in the index that holds at most one such event an order: a parameter would hide it.
const isPaidEventOfOrder = and(
  eq(merchantEvents.mchid, orders.mchid),
  eq(merchantEvents.orderNo, orders.orderNo),
  sql`${merchantEvents.type} = 'order.paid'`,
);

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
