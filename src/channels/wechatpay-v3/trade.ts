import { z } from 'zod';
import type { Coupon, PaymentFacts, QueryAnswer } from '../../orders/rules/gateway-answer.js';
import { cleaned, fen, maybeFen, maybeText, maybeTime, text, token } from './fields.js';

const anyTrade = z.object({ mchid: z.string(), out_trade_no: z.string(), trade_state: z.string() });

/** What decides about a paid trade: in a query's answer and, decrypted, in a payment notify. */
export const paidTransaction = z.object({
  mchid: token(32),
  appid: text(64),
  out_trade_no: token(32),
  transaction_id: token(32),
  /** Decides for JSAPI only. */
  trade_type: maybeText(32).transform((word) => word ?? ''),
  amount: z.object({
    total: fen,
    /** Absent means CNY. */
    currency: text(16)
      .nullish()
      .transform((currency) => currency ?? 'CNY'),
  }),
});

/** `undefined`: not about the trade that was asked for. */
export function readTrade(body: unknown, asked: { mchid: string; outTradeNo: string }): QueryAnswer | undefined {
  const trade = anyTrade.safeParse(body).data;
  if (trade === undefined || trade.mchid !== asked.mchid || trade.out_trade_no !== asked.outTradeNo) return undefined;
  switch (trade.trade_state.replaceAll('_', '')) {
    case 'SUCCESS':
      return paid('paid', body);
    // At least one refund was asked for; the payment stands beside it.
    case 'REFUND':
      return paid('refunded', body);
    // The last two belong to code scanning; either way nobody has paid.
    case 'NOTPAY':
    case 'USERPAYING':
    case 'PAYERROR':
      return { kind: 'notPaid' };
    case 'CLOSED':
      return { kind: 'closed' };
    default:
      return { kind: 'unrecognised', tradeState: cleaned(trade.trade_state, 64) };
  }
}

function paid(kind: 'paid' | 'refunded', body: unknown): QueryAnswer | undefined {
  const transaction = paidTransaction.safeParse(body).data;
  if (transaction === undefined) return undefined;
  const { payment, successAtMs } = paymentFacts(body);
  const { mchid, appid, amount } = transaction;
  const trade = {
    transactionId: transaction.transaction_id,
    mchid,
    appid,
    tradeType: transaction.trade_type,
    totalFen: amount.total,
    currency: amount.currency,
    successAtMs,
  };
  return { kind, trade, payment };
}

/** More than WeChat Pay lets one payment use. */
const MAX_COUPONS = 20;

const coupon = z
  .object({
    coupon_id: maybeText(32),
    name: maybeText(64),
    scope: maybeText(32),
    type: maybeText(32),
    amount: maybeFen,
  })
  .transform(({ coupon_id: couponId, amount: amountFen, ...words }): Coupon => ({ couponId, ...words, amountFen }));

/** What does not decide about a payment: each field stands for itself, and none of them can hide the money. */
const saidOfPayment = z.object({
  trade_type: maybeText(32),
  success_time: maybeTime,
  bank_type: maybeText(32),
  payer: z
    .object({ openid: maybeText(128) })
    .optional()
    .catch(undefined),
  amount: z.object({ total: maybeFen, payer_total: maybeFen, payer_currency: maybeText(16) }),
  promotion_detail: z
    .array(z.unknown())
    .optional()
    .catch(undefined)
    .transform((list) => (list ?? []).slice(0, MAX_COUPONS).flatMap((it) => coupon.safeParse(it).data ?? [])),
});

/** Of a trade whose deciding fields have been read. */
function paymentFacts(body: unknown): { readonly payment: PaymentFacts; readonly successAtMs: number | null } {
  const said = saidOfPayment.parse(body);
  const openid = said.payer?.openid ?? null;
  const { bank_type: bankType, trade_type: tradeType, promotion_detail: coupons } = said;
  const payerCurrency = said.amount.payer_currency ?? 'CNY';
  // Without coupons the payer pays the total; what that is in another currency only WeChat Pay can say.
  const payerAmount = said.amount.payer_total ?? (payerCurrency === 'CNY' ? said.amount.total : null);
  const payer = openid === null && bankType === null ? null : { openid, bankType };
  return { payment: { payer, tradeType, payerCurrency, payerAmount, coupons }, successAtMs: said.success_time };
}
