import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { refundSecretOf } from '../refund/message-v2.js';
import { refundMessage } from '../refund/message.js';
import type { Refund, SettledStatus } from '../refund/refund.js';
import type { Payment, Trade } from '../trade/trade.js';
import { appidOf, paymentFieldsOf } from '../trade/transaction-v2.js';
import { transactionOf } from '../trade/transaction.js';
import { signTypeSchema } from '../wire/v2/sign.js';

const deliverySchema = z.object({
  attempt: z.number(),
  /** Business time, ms since the epoch. */
  at: z.number(),
  /** The receiver's HTTP status; null when no answer came. */
  status: z.number().nullable(),
  reason: z.string().optional(),
});

export const notifySchema = z.object({
  id: z.string(),
  mchid: z.string(),
  outTradeNo: z.string(),
  outRefundNo: z.string().optional(),
  url: z.string(),
  eventType: z.enum(['TRANSACTION.SUCCESS', 'REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED']),
  createdAt: z.number(),
  /** What it says, as JSON: of API v3 the resource, of API v2 the fields. */
  plaintext: z.string(),
  /** The key that the prepay or refund request named; '' for none. */
  signingSerial: z.string(),
  /** Of API v2, with the appid that stands in it; absent: it goes out over API v3. */
  v2: z.object({ signType: signTypeSchema, appid: z.string() }).optional(),
  attempts: z.number(),
  /** Business time of the next attempt; null after the last. */
  dueAt: z.number().nullable(),
  postponed: z.boolean(),
  deliveries: z.array(deliverySchema),
});

export type Delivery = z.infer<typeof deliverySchema>;
export type Notify = z.infer<typeof notifySchema>;

export function newPaymentNotify(trade: Trade, payment: Payment): Notify | undefined {
  const { notifyUrl, signType } = trade;
  if (notifyUrl === undefined) return undefined;
  return {
    ...unsent(payment.paidAt),
    mchid: trade.mchid,
    outTradeNo: trade.outTradeNo,
    url: notifyUrl,
    eventType: 'TRANSACTION.SUCCESS',
    plaintext: JSON.stringify(signType === undefined ? transactionOf(trade) : paymentFieldsOf(trade, payment)),
    signingSerial: trade.signingSerial,
    v2: signType && { signType, appid: appidOf(trade) },
  };
}

export function newRefundNotify(
  refund: Refund,
  status: SettledStatus,
  at: number,
  trade: Trade | undefined,
): Notify | undefined {
  const { notifyUrl, signType } = refund;
  if (notifyUrl === undefined) return undefined;
  return {
    ...unsent(at),
    mchid: refund.mchid,
    outTradeNo: refund.outTradeNo,
    outRefundNo: refund.outRefundNo,
    url: notifyUrl,
    eventType: `REFUND.${status}`,
    plaintext: JSON.stringify(signType === undefined ? refundMessage(refund) : refundSecretOf(refund)),
    signingSerial: refund.signingSerial,
    v2: signType && trade && { signType, appid: appidOf(trade) },
  };
}

function unsent(at: number) {
  return { id: randomUUID(), createdAt: at, attempts: 0, dueAt: at, postponed: false, deliveries: [] };
}
