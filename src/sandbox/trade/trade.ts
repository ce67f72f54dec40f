import { z } from 'zod';
import type { Clock } from '../store/clock.js';
import type { Store } from '../store/store.js';
import { signTypeSchema } from '../wire/v2/sign.js';
import { newRefundId } from './number.js';

/** The trades that begin with a prepay. */
export const prepayTypes = ['NATIVE', 'JSAPI', 'APP', 'MWEB'] as const;
export type PrepayType = (typeof prepayTypes)[number];

/** MICROPAY: code scan, where the merchant charges a code that the payer shows. */
export const tradeTypes = [...prepayTypes, 'MICROPAY'] as const;
export type TradeType = (typeof tradeTypes)[number];

export const couponSchema = z.object({ couponId: z.string(), stockId: z.string(), amountFen: z.number() });
export type Coupon = z.infer<typeof couponSchema>;

const paymentSchema = z.object({
  transactionId: z.string(),
  openid: z.string(),
  /** The appid under which it was paid; absent: the trade's. */
  appid: z.string().optional(),
  totalFen: z.number(),
  paidAt: z.number(),
  coupon: couponSchema.optional(),
  /** The payer's currency and their charge in it; absent: CNY, and the amount that the coupon leaves. */
  payerCurrency: z.string().optional(),
  payerTotalFen: z.number().optional(),
  /** Fields that are left out of the transaction object. */
  omit: z.array(z.string()).optional(),
});

export type Payment = z.infer<typeof paymentSchema>;

/** USERPAYING, PAYERROR and REVOKED are states of code scan alone. REFUND: paid, and at least one refund of it is not closed. */
const states = ['NOTPAY', 'USERPAYING', 'PAYERROR', 'SUCCESS', 'REFUND', 'REVOKED', 'CLOSED'] as const;

/** Times are ms since the epoch in business time. */
const tradeSchema = z.object({
  mchid: z.string(),
  outTradeNo: z.string(),
  appid: z.string(),
  tradeType: z.enum(tradeTypes),
  description: z.string(),
  totalFen: z.number(),
  attach: z.string().optional(),
  deviceId: z.string().optional(),
  payerOpenid: z.string().optional(),
  /** Absent: no notify is sent. */
  notifyUrl: z.string().optional(),
  /** The parsed request body; a re-entry must bring the same. Absent: a foreign trade. */
  request: z.string().optional(),
  /** The `Wechatpay-Serial` of the latest prepay; '' when it named none. */
  signingSerial: z.string(),
  /** The `sign_type` of the latest prepay over API v2, whose notify it is then; absent: it came over API v3. */
  signType: signTypeSchema.optional(),
  createdAt: z.number(),
  payableUntil: z.number(),
  autoCloseAt: z.number(),
  /** The live code: the `pr` of a code_url or the prepay_id; of code scan one that nobody is told. */
  code: z.string(),
  codeExpiresAt: z.number(),
  replacedCodes: z.array(z.string()),
  state: z.enum(states),
  /** The state before the last change, which a stale replica still has; NONE: the trade does not exist there yet. */
  previousState: z.enum(['NONE', ...states]),
  /** The prompt for the password on the payer's phone; `dueAt` null: it stays until somebody answers it. */
  prompt: z
    .object({
      ends: z.enum(['paid', 'refused']),
      dueAt: z.number().nullable(),
      couponFen: z.number().optional(),
    })
    .optional(),
  payment: paymentSchema.optional(),
  /** The payment that a reverse gave back, under a refund number of WeChat Pay's own. */
  reversed: z.object({ at: z.number(), refundId: z.string(), payment: paymentSchema }).optional(),
});

export type Trade = z.infer<typeof tradeSchema>;

/** What the payer paid, in their own currency. */
export function payerTotalOf(charge: Pick<Payment, 'payerTotalFen' | 'totalFen' | 'coupon'>): number {
  const { payerTotalFen, totalFen, coupon } = charge;
  return payerTotalFen ?? totalFen - (coupon?.amountFen ?? 0);
}

/** The trade's payment, given back by a reverse or not. */
export const everPaid = ({ payment, reversed }: Trade): Payment | undefined => payment ?? reversed?.payment;

/** The gateway closes an unpaid trade after 7 days. */
function tradeAt(trade: Trade, now: number): Trade {
  return trade.state === 'NOTPAY' && now >= trade.autoCloseAt ? closedTrade(trade) : trade;
}

export const closedTrade = (trade: Trade): Trade => ({ ...trade, state: 'CLOSED', previousState: 'NOTPAY' });

export const refusedTrade = (trade: Trade): Trade => ({ ...trade, state: 'PAYERROR', previousState: 'USERPAYING' });

/** Unpaid, it can no longer be paid; paid, its payment is given back. */
export function reversedTrade({ payment, ...trade }: Trade, at: number): Trade {
  const reversed = payment && { at, refundId: newRefundId(at), payment };
  return { ...trade, state: 'REVOKED', previousState: trade.state, reversed };
}

export function refundedTrade(trade: Trade): Trade {
  return trade.state === 'REFUND' ? trade : { ...trade, state: 'REFUND', previousState: 'SUCCESS' };
}

export function unrefundedTrade(trade: Trade): Trade {
  return { ...trade, state: 'SUCCESS', previousState: 'REFUND' };
}

/** The trade as a replica that missed the last change sees it; `undefined` when the last change made it. */
export function staleTrade(trade: Trade): Trade | undefined {
  if (trade.previousState === 'NONE') return undefined;
  const wasPaid = trade.previousState === 'SUCCESS' || trade.previousState === 'REFUND';
  const payment = wasPaid ? everPaid(trade) : undefined;
  return { ...trade, state: trade.previousState, payment, reversed: undefined };
}

export type Trades = ReturnType<typeof createTrades>;

/** The merchants' trades; every read answers the trade as the gateway's clock has left it. */
export function createTrades(store: Store, clock: Clock) {
  const table = store.table('trades', tradeSchema);
  const byTransactionId = new Map<string, string>();
  const byCode = new Map<string, string>();
  const index = (trade: Trade) => {
    const id = tradeId(trade.mchid, trade.outTradeNo);
    for (const code of [trade.code, ...trade.replacedCodes]) byCode.set(code, id);
    const payment = everPaid(trade);
    if (payment) byTransactionId.set(payment.transactionId, id);
  };
  for (const trade of table.values()) index(trade);
  const get = (id: string | undefined, mchid: string | undefined): Trade | undefined => {
    const trade = id === undefined ? undefined : table.get(id);
    return trade && (mchid ?? trade.mchid) === trade.mchid ? tradeAt(trade, clock.now()) : undefined;
  };
  return {
    find: (mchid: string, outTradeNo: string) => get(tradeId(mchid, outTradeNo), mchid),
    findByTransactionId: (mchid: string, transactionId: string) => get(byTransactionId.get(transactionId), mchid),
    /** By a live or a replaced code; without `mchid`, of any merchant. */
    findByCode: (mchid: string | undefined, code: string | undefined) => get(byCode.get(code ?? ''), mchid),
    /** All merchants' trades with a prompt on the payer's phone, oldest first. */
    prompting: () => [...table.values()].filter(({ state }) => state === 'USERPAYING'),
    ofMerchant: (mchid: string) =>
      [...table.values()].filter((trade) => trade.mchid === mchid).map((trade) => tradeAt(trade, clock.now())),
    put: (trade: Trade) => table.put(tradeId(trade.mchid, trade.outTradeNo), trade, () => index(trade)),
  };
}

const tradeId = (mchid: string, outTradeNo: string): string => `${mchid}/${outTradeNo}`;
