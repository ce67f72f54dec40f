import { z } from 'zod';
import type { Coupon, PaymentFacts, QueryAnswer } from '../../orders/rules/gateway-answer.js';
import { maybeText, text, token } from '../fields.js';
import { tradeStateOf } from '../trade-state.js';
import { fen, maybeCount, maybeFen, maybeTime } from './fields.js';
import type { Fields } from './xml.js';

/** What decides about a paid trade: in a query's answer and in a payment notify. */
export const paidTrade = z
  .object({
    mch_id: token(32),
    appid: text(64),
    out_trade_no: token(32),
    transaction_id: token(32),
    /** Decides for JSAPI only. */
    trade_type: maybeText(32),
    total_fee: fen,
    /** Absent or empty means CNY. */
    fee_type: maybeText(16),
  })
  .transform((said) => ({
    outTradeNo: said.out_trade_no,
    trade: {
      transactionId: said.transaction_id,
      mchid: said.mch_id,
      appid: said.appid,
      tradeType: said.trade_type ?? '',
      totalFen: said.total_fee,
      currency: said.fee_type ?? 'CNY',
    },
  }));

const anyTrade = z.object({ mch_id: z.string(), out_trade_no: z.string(), trade_state: z.string() });

/** `undefined`: not about the trade that was asked for. */
export function readTrade(fields: Fields, asked: { mchid: string; outTradeNo: string }): QueryAnswer | undefined {
  const trade = anyTrade.safeParse(fields).data;
  if (trade === undefined || trade.mch_id !== asked.mchid || trade.out_trade_no !== asked.outTradeNo) return undefined;
  const state = tradeStateOf(trade.trade_state);
  return state.kind === 'paid' || state.kind === 'refunded' ? paid(state.kind, fields) : state;
}

function paid(kind: 'paid' | 'refunded', fields: Fields): QueryAnswer | undefined {
  const read = paidTrade.safeParse(fields).data;
  if (read === undefined) return undefined;
  const { payment, successAtMs } = paymentFacts(fields);
  return { kind, trade: { ...read.trade, successAtMs }, payment };
}

/** What does not decide about a payment: each field stands for itself, and none of them can hide the money. */
const saidOfPayment = z.object({
  trade_type: maybeText(32),
  time_end: maybeTime,
  bank_type: maybeText(32),
  openid: maybeText(128),
  total_fee: maybeFen,
  cash_fee: maybeFen,
  cash_fee_type: maybeText(16),
  coupon_count: maybeCount,
});

function paymentFacts(fields: Fields): { readonly payment: PaymentFacts; readonly successAtMs: number | null } {
  const said = saidOfPayment.parse(fields);
  const { openid, bank_type: bankType, trade_type: tradeType } = said;
  const payerCurrency = said.cash_fee_type ?? 'CNY';
  // Without coupons the payer pays the total; what that is in another currency only WeChat Pay can say.
  const payerAmount = said.cash_fee ?? (payerCurrency === 'CNY' ? said.total_fee : null);
  const payer = openid === null && bankType === null ? null : { openid, bankType };
  const coupons = couponsOf(fields, said.coupon_count);
  const couponsLeftOut = said.coupon_count - coupons.length;
  const money = { payerCurrency, payerAmount, coupons, couponsLeftOut };
  return { payment: { payer, tradeType, ...money }, successAtMs: said.time_end };
}

/** More than one payment is known to use; what is beyond is counted. */
const MAX_COUPONS = 20;

const couponType = maybeText(32);
const couponId = maybeText(32);

/** `coupon_id_0`, `coupon_type_0` and `coupon_fee_0` are the first. */
const couponsOf = (fields: Fields, count: number): readonly Coupon[] =>
  Array.from({ length: Math.min(count, MAX_COUPONS) }, (_, n) => ({
    couponId: couponId.parse(fields[`coupon_id_${n}`]),
    name: null,
    scope: null,
    type: couponType.parse(fields[`coupon_type_${n}`]),
    amountFen: maybeFen.parse(fields[`coupon_fee_${n}`]),
  }));
