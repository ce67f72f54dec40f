import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { seal } from '../identity/sign.js';
import { beijingTime } from '../store/clock.js';
import { refundMessage } from '../refund/message.js';
import type { Refund, SettledStatus } from '../refund/refund.js';
import type { Payment, Trade } from '../trade/trade.js';
import { transactionOf } from '../trade/transaction.js';

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
  plaintext: z.string(),
  /** The key that the prepay or refund request named; '' for none. */
  signingSerial: z.string(),
  attempts: z.number(),
  /** Business time of the next attempt; null after the last. */
  dueAt: z.number().nullable(),
  postponed: z.boolean(),
  deliveries: z.array(deliverySchema),
});

export type Delivery = z.infer<typeof deliverySchema>;
export type Notify = z.infer<typeof notifySchema>;

export function newPaymentNotify(trade: Trade, payment: Payment): Notify | undefined {
  if (trade.notifyUrl === undefined) return undefined;
  return {
    ...unsent(payment.paidAt),
    mchid: trade.mchid,
    outTradeNo: trade.outTradeNo,
    url: trade.notifyUrl,
    eventType: 'TRANSACTION.SUCCESS',
    plaintext: JSON.stringify(transactionOf(trade)),
    signingSerial: trade.signingSerial,
  };
}

export function newRefundNotify(refund: Refund, status: SettledStatus, at: number): Notify | undefined {
  if (refund.notifyUrl === undefined) return undefined;
  return {
    ...unsent(at),
    mchid: refund.mchid,
    outTradeNo: refund.outTradeNo,
    outRefundNo: refund.outRefundNo,
    url: refund.notifyUrl,
    eventType: `REFUND.${status}`,
    plaintext: JSON.stringify(refundMessage(refund)),
    signingSerial: refund.signingSerial,
  };
}

function unsent(at: number) {
  return { id: randomUUID(), createdAt: at, attempts: 0, dueAt: at, postponed: false, deliveries: [] };
}

export function notifyBody(notify: Notify, plaintext: string, apiV3Key: string): string {
  const originalType = notify.eventType === 'TRANSACTION.SUCCESS' ? 'transaction' : 'refund';
  return JSON.stringify({
    id: notify.id,
    create_time: beijingTime(notify.createdAt),
    resource_type: 'encrypt-resource',
    event_type: notify.eventType,
    summary: summaries[notify.eventType],
    resource: { original_type: originalType, ...seal(plaintext, originalType, apiV3Key) },
  });
}

const summaries: Record<Notify['eventType'], string> = {
  'TRANSACTION.SUCCESS': '支付成功',
  'REFUND.SUCCESS': '退款成功',
  'REFUND.ABNORMAL': '退款异常',
  'REFUND.CLOSED': '退款关闭',
};

const fen = z.number().optional();
const messageSchema = z.looseObject({
  amount: z.looseObject({ total: fen, payer_total: fen, refund: fen, payer_refund: fen }).optional(),
});

/** The same message with another amount (of a refund, the refunded one); default one fen more. */
export function withAmount(plaintext: string, amountFen: number | undefined): string {
  const message = messageSchema.parse(JSON.parse(plaintext));
  const { amount } = message;
  const real = amount?.refund ?? amount?.total;
  if (amount === undefined || real === undefined) return plaintext;
  const shown = amountFen ?? real + 1;
  const realPayers = amount.payer_refund ?? amount.payer_total;
  const payers = realPayers === undefined ? undefined : Math.max(0, shown - real + realPayers);
  const shownAmount =
    amount.refund === undefined ? { total: shown, payer_total: payers } : { refund: shown, payer_refund: payers };
  return JSON.stringify({ ...message, amount: { ...amount, ...shownAmount } });
}
