import { z } from 'zod';
import type { Coupon, PaymentFacts } from '../../domain/gateway-answer.js';
import { maybeFen } from './fen.js';
import { maybeText, maybeTime } from './text.js';

/** More coupons than WeChat Pay lets one payment use. */
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
export function paymentFacts(body: unknown): { readonly payment: PaymentFacts; readonly successAtMs: number | null } {
  const said = saidOfPayment.parse(body);
  const openid = said.payer?.openid ?? null;
  const { bank_type: bankType, trade_type: tradeType, promotion_detail: coupons } = said;
  const payerCurrency = said.amount.payer_currency ?? 'CNY';
  // Without coupons the payer pays the total; what that is in another currency only WeChat Pay can say.
  const payerAmount = said.amount.payer_total ?? (payerCurrency === 'CNY' ? said.amount.total : null);
  const payer = openid === null && bankType === null ? null : { openid, bankType };
  return { payment: { payer, tradeType, payerCurrency, payerAmount, coupons }, successAtMs: said.success_time };
}
