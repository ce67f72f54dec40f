import { and, eq, getTableColumns, sql } from 'drizzle-orm';
import { z } from 'zod';
import { attempts, merchantEvents, orders, refunds } from '../../db/schema.js';
import { fenOf, mchidOf, orderNoOf, outTradeNoOf, refusalOf } from '../../db/stored-values.js';
import type { PaymentFacts } from '../rules/gateway-answer.js';
import type { AttemptRecord, OrderRecord } from '../rules/record.js';
import type { Policy } from '../rules/policy.js';
import { refundColumns, refundRecord, type RefundRow } from '../../refunds/store/record.js';

/** Without what is its attempts', what only lists are read by, and what only a prepay is made of. */
const { product, appid, nextDueAt, sweptAt, sale, ...orderColumns } = getTableColumns(orders);

type OrderRow = Pick<typeof orders.$inferSelect, keyof typeof orderColumns>;

/** Without what names the payer, which only a prepay is made of. */
const {
  mchid,
  orderNo,
  openid,
  clientIp,
  h5Type,
  authCode,
  till,
  sceneInfo,
  identity,
  prepayBody,
  refundAppliedAt,
  ...attemptColumns
} = getTableColumns(attempts);

type AttemptRow = Pick<typeof attempts.$inferSelect, keyof typeof attemptColumns>;

export { attemptColumns, orderColumns };

/** One row a refund, and one an attempt without any. */
type JoinedRow = {
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

function orderRecord({ order, paidEvent, attempts, refunds }: Joined): OrderRecord {
  return {
    ...order,
    mchid: mchidOf(order.mchid),
    orderNo: orderNoOf(order.orderNo),
    amountFen: fenOf(order.amountFen),
    paidAttempt: order.paidAttempt === null ? null : outTradeNoOf(order.paidAttempt),
    paidFen: fenOf(order.paidFen),
    returnedFen: fenOf(order.returnedFen),
    metadata: metadata.parse(order.metadata),
    policy: policy.parse(order.policy),
    attempts: [...attempts.values()].toSorted((a, b) => a.number - b.number).map(attemptRecord),
    refunds: refunds.toSorted((a, b) => a.seq - b.seq).map(refundRecord),
    paidEvent,
  };
}

export function attemptRecord({ codeGivenAt, ...attempt }: AttemptRow): AttemptRecord {
  return {
    ...attempt,
    outTradeNo: outTradeNoOf(attempt.outTradeNo),
    codeGiven: codeGivenAt !== null,
    paidFen: fenOf(attempt.paidFen),
    refundedFen: fenOf(attempt.refundedFen),
    refundingFen: fenOf(attempt.refundingFen),
    payment: attempt.payment === null ? null : paymentFacts.parse(attempt.payment),
    refusal: refusalOf(attempt.refusal),
    gateway: refusalOf(attempt.gateway),
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
  // Payments of before were kept without it.
  couponsLeftOut: z.number().default(0),
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
  order: orderColumns,
  attempt: attemptColumns,
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
