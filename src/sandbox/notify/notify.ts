import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { seal } from '../identity/seal.js';
import { beijingTime } from '../store/clock.js';
import type { Payment, Trade } from '../trade/trade.js';
import { transactionOf } from '../trade/transaction.js';

export const deliverySchema = z.object({
  attempt: z.number(),
  /** business time, ms since the epoch */
  at: z.number(),
  /** the receiver's HTTP status; null when no answer came */
  status: z.number().nullable(),
  /** why there was no answer */
  reason: z.string().optional(),
});

export const notifySchema = z.object({
  id: z.string(),
  mchid: z.string(),
  outTradeNo: z.string(),
  url: z.string(),
  eventType: z.literal('TRANSACTION.SUCCESS'),
  createdAt: z.number(),
  plaintext: z.string(),
  /** The key the prepay request named; '' for none. */
  signingSerial: z.string(),
  attempts: z.number(),
  /** Business time of the next attempt; null after the last. */
  dueAt: z.number().nullable(),
  /** This attempt was already put off by a fault. */
  postponed: z.boolean(),
  deliveries: z.array(deliverySchema),
});

export type Delivery = z.infer<typeof deliverySchema>;
export type Notify = z.infer<typeof notifySchema>;

export function newPaymentNotify(trade: Trade, payment: Payment): Notify {
  return {
    id: randomUUID(),
    mchid: trade.mchid,
    outTradeNo: trade.outTradeNo,
    url: trade.notifyUrl,
    eventType: 'TRANSACTION.SUCCESS',
    createdAt: payment.paidAt,
    plaintext: JSON.stringify(transactionOf(trade)),
    signingSerial: trade.signingSerial,
    attempts: 0,
    dueAt: payment.paidAt,
    postponed: false,
    deliveries: [],
  };
}

/** The bytes of one delivery. */
export function notifyBody(notify: Notify, plaintext: string, apiV3Key: string): string {
  return JSON.stringify({
    id: notify.id,
    create_time: beijingTime(notify.createdAt),
    resource_type: 'encrypt-resource',
    event_type: notify.eventType,
    summary: '支付成功',
    resource: { original_type: 'transaction', ...seal(plaintext, 'transaction', apiV3Key) },
  });
}

const amountSchema = z.looseObject({ amount: z.looseObject({ total: z.number(), payer_total: z.number() }) });

/** The same message with another amount; default one fen more. */
export function withTotal(plaintext: string, totalFen: number | undefined): string {
  const message = amountSchema.parse(JSON.parse(plaintext));
  const total = totalFen ?? message.amount.total + 1;
  const discount = message.amount.total - message.amount.payer_total;
  return JSON.stringify({
    ...message,
    amount: { ...message.amount, total, payer_total: Math.max(0, total - discount) },
  });
}
