import { z } from 'zod';
import type { GatewayRefusal } from '../domain/gateway-answer.js';
import { parseMchid, parseOrderNo, parseOutTradeNo, type Mchid, type OrderNo, type OutTradeNo } from '../domain/ids.js';
import { parseFen, type Fen } from '../domain/money.js';
import type { AttemptRecord, OrderRecord } from '../domain/order/record.js';
import type { Policy } from '../domain/policy.js';
import type { Result } from '../domain/result.js';
import type { attempts, orders } from './schema.js';

export type OrderRow = typeof orders.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;

/** Orders joined with their attempts, as the domain's records, in the order in which each first appears. */
export function orderRecords(
  rows: readonly { readonly order: OrderRow; readonly attempt: AttemptRow }[],
): OrderRecord[] {
  const byOrder = new Map<string, { order: OrderRow; attempts: AttemptRow[] }>();
  for (const { order, attempt } of rows) {
    const key = `${order.mchid}/${order.orderNo}`;
    const joined = byOrder.get(key) ?? { order, attempts: [] };
    joined.attempts.push(attempt);
    byOrder.set(key, joined);
  }
  return [...byOrder.values()].map((joined) => orderRecord(joined.order, joined.attempts));
}

/** An order and its attempts, in any order, as the domain's record. */
export function orderRecord(row: OrderRow, attemptRows: readonly AttemptRow[]): OrderRecord {
  const ordered = attemptRows.toSorted((a, b) => a.number - b.number);
  return {
    mchid: mchidOf(row.mchid),
    orderNo: orderNoOf(row.orderNo),
    version: row.version,
    state: row.state,
    closedReason: row.closedReason,
    reviewReason: row.reviewReason,
    stuckReason: row.stuckReason,
    stuckSince: row.stuckSince,
    amountFen: fenOf(row.amountFen),
    paidAttempt: row.paidAttempt === null ? null : outTradeNoOf(row.paidAttempt),
    paidFen: fenOf(row.paidFen),
    payerFen: fenOf(row.payerFen),
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
    closedAt: row.closedAt,
    attempts: ordered.map(attemptRecord),
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
    transactionId: row.transactionId,
    paidFen: fenOf(row.paidFen),
    refundedFen: fenOf(row.refundedFen),
    refundingFen: fenOf(row.refundingFen),
    refusal: row.refusal === null ? null : gatewayRefusal.parse(row.refusal),
    attemptKey: row.attemptKey,
    bodyHash: row.bodyHash,
  };
}

export const mchidOf = (value: string): Mchid => stored(parseMchid(value), 'mchid');
export const orderNoOf = (value: string): OrderNo => stored(parseOrderNo(value), 'order_no');
export const outTradeNoOf = (value: string): OutTradeNo => stored(parseOutTradeNo(value), 'out_trade_no');
export const fenOf = (value: number): Fen => stored(parseFen(value), 'fen');

/** A row that no version of this program wrote: a broken invariant. Names the column, never the value. */
function stored<T>(parsed: Result<T, string>, column: string): T {
  if (!parsed.ok) throw new Error(`A stored ${column} is not valid`);
  return parsed.value;
}

const metadata = z.record(z.string(), z.unknown()).nullable();

const gatewayRefusal: z.ZodType<GatewayRefusal> = z.object({
  status: z.number(),
  code: z.string(),
  message: z.string(),
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
