import { and, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { attempts, merchantEvents, orders, refunds } from '../../db/schema.js';
import { fenOf, mchidOf, orderNoOf, outTradeNoOf, refusalOf } from '../../db/stored-values.js';
import type { PaymentFacts } from '../rules/gateway-answer.js';
import type { AttemptRecord, OrderRecord } from '../rules/record.js';
import type { Policy } from '../rules/policy.js';
import { refundColumns, refundRecord, type RefundRow } from '../../refunds/store/record.js';

export type OrderRow = typeof orders.$inferSelect;

export type AttemptRow = typeof attempts.$inferSelect;

/** One row a refund, and one an attempt without any. */
export type JoinedRow = {
  readonly order: OrderRow;
  readonly attempt: AttemptRow;
  readonly refund: RefundRow | null;
  readonly paidEvent: OrderRecord['paidEvent'];
};

type Joined = Pick<JoinedRow, 'order' | 'paidEvent'> & { attempts: Map<number, AttemptRow>; refunds: RefundRow[] };

/** Orders joined with their attempts and refunds, as the domain's records, in the order in which each first appears. */
export function orderRecords(rows: readonly JoinedRow[]): OrderRecord[] {
  const byOrder = new Map<string, Joined>();
  for (const { order, attempt, refund, paidEvent } of rows) {
    const key = `${order.mchid}/${order.orderNo}`;
    const joined: Joined = byOrder.get(key) ?? { order, paidEvent, attempts: new Map(), refunds: [] };
    joined.attempts.set(attempt.number, attempt);
    if (refund !== null) joined.refunds.push(refund);
    byOrder.set(key, joined);
  }
  return [...byOrder.values()].map(orderRecord);
}

/** An order that was just placed, with its first attempt. */
export function newOrderRecord(order: OrderRow, attempt: AttemptRow): OrderRecord {
  return orderRecord({ order, paidEvent: null, attempts: new Map([[attempt.number, attempt]]), refunds: [] });
}

function orderRecord({ order: row, paidEvent, attempts, refunds }: Joined): OrderRecord {
  return {
    mchid: mchidOf(row.mchid),
    orderNo: orderNoOf(row.orderNo),
    version: row.version,
    state: row.state,
    closedReason: row.closedReason,
    reviewReason: row.reviewReason,
    ending: row.ending,
    stuckReason: row.stuckReason,
    stuckSince: row.stuckSince,
    ownStuckReason: row.ownStuckReason,
    amountFen: fenOf(row.amountFen),
    paidAttempt: row.paidAttempt === null ? null : outTradeNoOf(row.paidAttempt),
    paidFen: fenOf(row.paidFen),
    returnedFen: fenOf(row.returnedFen),
    fulfilment: row.fulfilment,
    description: row.description,
    attach: row.attach,
    metadata: metadata.parse(row.metadata),
    policy: policy.parse(row.policy),
    bodyHash: row.bodyHash,
    expiresInSeconds: row.expiresInSeconds,
    expiresAt: row.expiresAt,
    createdAt: row.createdAt,
    paidAt: row.paidAt,
    foundBy: row.foundBy,
    closedAt: row.closedAt,
    dueAt: row.dueAt,
    stalledSince: row.stalledSince,
    attempts: [...attempts.values()].toSorted((a, b) => a.number - b.number).map(attemptRecord),
    refunds: refunds.toSorted((a, b) => a.seq - b.seq).map(refundRecord),
    paidEvent,
  };
}

export function attemptRecord(row: AttemptRow): AttemptRecord {
  return {
    outTradeNo: outTradeNoOf(row.outTradeNo),
    number: row.number,
    product: row.product,
    appid: row.appid,
    state: row.state,
    codeUrl: row.codeUrl,
    prepayId: row.prepayId,
    h5Url: row.h5Url,
    codeExpiresAt: row.codeExpiresAt,
    prepayStartedAt: row.prepayStartedAt,
    codeGiven: row.codeGivenAt !== null,
    prepayUnknown: row.prepayUnknown,
    foreign: row.foreign,
    transactionId: row.transactionId,
    paidFen: fenOf(row.paidFen),
    paidAt: row.paidAt,
    refundedFen: fenOf(row.refundedFen),
    refundingFen: fenOf(row.refundingFen),
    payment: row.payment === null ? null : paymentFacts.parse(row.payment),
    refusal: refusalOf(row.refusal),
    gateway: refusalOf(row.gateway),
    attemptKey: row.attemptKey,
    bodyHash: row.bodyHash,
  };
}

const metadata = z.record(z.string(), z.unknown()).nullable();

const text = z.string().nullable();

const paymentFacts: z.ZodType<PaymentFacts> = z.object({
  payer: z.object({ openid: text, bankType: text }).nullable(),
  tradeType: text,
  payerCurrency: z.string(),
  payerAmount: z.number().nullable(),
  coupons: z.array(z.object({ couponId: text, name: text, scope: text, type: text, amountFen: z.number().nullable() })),
});

const policy: z.ZodType<Policy> = z.object({
  latePayment: z.enum(['refund', 'accept', 'review']),
  fulfilment: z.discriminatedUnion('required', [
    z.object({ required: z.literal(false) }),
    z.object({
      required: z.literal(true),
      deadlineSeconds: z.number(),
      onDeadline: z.enum(['refund', 'review']),
    }),
  ]),
});

export const joined = {
  order: orders,
  attempt: attempts,
  refund: refundColumns,
  paidEvent: { status: merchantEvents.status, deliveredAt: merchantEvents.deliveredAt },
};

export const isAttemptOfOrder = and(eq(attempts.mchid, orders.mchid), eq(attempts.orderNo, orders.orderNo));

export const isRefundOfAttempt = and(eq(refunds.mchid, attempts.mchid), eq(refunds.outTradeNo, attempts.outTradeNo));

// The word itself, as in the index that holds at most one such event an order: a parameter would hide it.
export const isPaidEventOfOrder = and(
  eq(merchantEvents.mchid, orders.mchid),
  eq(merchantEvents.orderNo, orders.orderNo),
  sql`${merchantEvents.type} = 'order.paid'`,
);
