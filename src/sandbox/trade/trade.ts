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
  notifyUrl: z.string(),
  /** The request body as parsed; a re-entry must bring the same. */
  request: z.string(),
  /** The `Wechatpay-Serial` of the latest prepay; '' when it named none. */
  signingSerial: z.string(),
  createdAt: z.number(),
  payableUntil: z.number(),
  autoCloseAt: z.number(),
  /** The live code: the `pr` of a code_url or the prepay_id. */
  code: z.string(),
  codeExpiresAt: z.number(),
  replacedCodes: z.array(z.string()),
  state: z.enum(['NOTPAY', 'SUCCESS', 'CLOSED']),
  /** What a stale replica still sees; NONE: the trade does not exist there yet. */
  previousState: z.enum(['NONE', 'NOTPAY', 'CLOSED']),
  payment: z
    .object({
      transactionId: z.string(),
      openid: z.string(),
      totalFen: z.number(),
      paidAt: z.number(),
      coupon: couponSchema.optional(),
    })
    .optional(),
});

export type Trade = z.infer<typeof tradeSchema>;
export type Payment = NonNullable<Trade['payment']>;

/** The trade as it is at `now`: an unpaid one is closed by the gateway after 7 days. */
export function tradeAt(trade: Trade, now: number): Trade {
  return trade.state === 'NOTPAY' && now >= trade.autoCloseAt ? closedTrade(trade) : trade;
}

export function closedTrade(trade: Trade): Trade {
  return { ...trade, state: 'CLOSED', previousState: 'NOTPAY' };
}

/** The trade as a replica that missed the last change sees it; `undefined` when the last change made it. */
export function staleTrade(trade: Trade): Trade | undefined {
  return trade.previousState === 'NONE' ? undefined : { ...trade, state: trade.previousState, payment: undefined };
}
