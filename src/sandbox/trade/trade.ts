import { z } from 'zod';
import { couponSchema } from './coupon.js';

export const tradeTypes = ['NATIVE', 'JSAPI', 'APP', 'MWEB'] as const;
export type TradeType = (typeof tradeTypes)[number];

/** Times are ms since the epoch in business time. */
export const tradeSchema = z.object({
  mchid: z.string(),
  outTradeNo: z.string(),
  appid: z.string(),
  tradeType: z.enum(tradeTypes),
  description: z.string(),
  totalFen: z.number(),
  attach: z.string().optional(),
  deviceId: z.string().optional(),
  payerOpenid: z.string().optional(),
  /** Absent: nobody is told. */
  notifyUrl: z.string().optional(),
  /** The request body as parsed; a re-entry must bring the same. Absent: somebody else made it. */
  request: z.string().optional(),
  /** The `Wechatpay-Serial` of the latest prepay; '' when it named none. */
  signingSerial: z.string(),
  createdAt: z.number(),
  payableUntil: z.number(),
  autoCloseAt: z.number(),
  /** The live code: the `pr` of a code_url or the prepay_id. */
  code: z.string(),
  codeExpiresAt: z.number(),
  replacedCodes: z.array(z.string()),
  /** REFUND: paid, and at least one refund of it is not closed. */
  state: z.enum(['NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED']),
  /** What a stale replica still sees; NONE: the trade does not exist there yet. */
  previousState: z.enum(['NONE', 'NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED']),
  payment: z
    .object({
      transactionId: z.string(),
      openid: z.string(),
      /** Under which it was paid; absent: the trade's. */
      appid: z.string().optional(),
      totalFen: z.number(),
      paidAt: z.number(),
      coupon: couponSchema.optional(),
      /** What the payer was charged in their own currency; absent: CNY, and what the coupon leaves. */
      payerCurrency: z.string().optional(),
      payerTotalFen: z.number().optional(),
      /** Fields that the transaction object does without. */
      omit: z.array(z.string()).optional(),
    })
    .optional(),
});

export type Trade = z.infer<typeof tradeSchema>;
export type Payment = NonNullable<Trade['payment']>;

export function payerTotalOf({ payerTotalFen, totalFen, coupon }: Payment): number {
  return payerTotalFen ?? totalFen - (coupon?.amountFen ?? 0);
}

/** The trade as it is at `now`: an unpaid one is closed by the gateway after 7 days. */
export function tradeAt(trade: Trade, now: number): Trade {
  return trade.state === 'NOTPAY' && now >= trade.autoCloseAt ? closedTrade(trade) : trade;
}

export function closedTrade(trade: Trade): Trade {
  return { ...trade, state: 'CLOSED', previousState: 'NOTPAY' };
}

/** A paid trade with a refund that is not closed, however small. */
export function refundedTrade(trade: Trade): Trade {
  return trade.state === 'REFUND' ? trade : { ...trade, state: 'REFUND', previousState: 'SUCCESS' };
}

/** Its last refund was closed: all of the money is there again. */
export function unrefundedTrade(trade: Trade): Trade {
  return { ...trade, state: 'SUCCESS', previousState: 'REFUND' };
}

/** The trade as a replica that missed the last change sees it; `undefined` when the last change made it. */
export function staleTrade(trade: Trade): Trade | undefined {
  if (trade.previousState === 'NONE') return undefined;
  const wasPaid = trade.previousState === 'SUCCESS' || trade.previousState === 'REFUND';
  return { ...trade, state: trade.previousState, payment: wasPaid ? trade.payment : undefined };
}
