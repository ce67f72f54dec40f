import { z } from 'zod';
import { couponSchema } from '../trade/coupon.js';

/** Times are ms since the epoch in business time. */
export const refundSchema = z.object({
  mchid: z.string(),
  outRefundNo: z.string(),
  refundId: z.string(),
  outTradeNo: z.string(),
  transactionId: z.string(),
  /** The request body as parsed; a repeat must bring the same. Absent: made in the merchant platform. */
  request: z.string().optional(),
  /** The `Wechatpay-Serial` of the request; '' when it named none. */
  signingSerial: z.string(),
  notifyUrl: z.string().optional(),
  fundsAccount: z.string(),
  from: z.array(z.object({ account: z.string(), amount: z.number() })),
  totalFen: z.number(),
  refundFen: z.number(),
  /** What of `refundFen` goes back to the coupon and not to the payer. */
  discountFen: z.number(),
  coupon: couponSchema.optional(),
  /** What the payer was charged in their own currency; absent: CNY. */
  payerTotalFen: z.number().optional(),
  createdAt: z.number(),
  status: z.enum(['PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED']),
  /** What a stale replica still sees; NONE: the refund does not exist there yet. */
  previousStatus: z.enum(['NONE', 'PROCESSING', 'ABNORMAL']),
  /** When it succeeds by itself; null when it does not. */
  dueAt: z.number().nullable(),
  succeededAt: z.number().optional(),
  /** The last call that sent it to a bank card, and the account the money goes to. */
  abnormalRefund: z.object({ request: z.string(), receivedBy: z.string() }).optional(),
});

export type Refund = z.infer<typeof refundSchema>;
export type SettledStatus = Exclude<Refund['status'], 'PROCESSING'>;

/** A closed refund gives the money back to the merchant; every other one holds it. */
export function holdsMoney(refund: Refund): boolean {
  return refund.status !== 'CLOSED';
}

/** The refund as a replica that missed the last change sees it; `undefined` when the last change made it. */
export function staleRefund(refund: Refund): Refund | undefined {
  if (refund.previousStatus === 'NONE') return undefined;
  return { ...refund, status: refund.previousStatus, succeededAt: undefined };
}
