import { z } from 'zod';

export const couponSchema = z.object({ couponId: z.string(), stockId: z.string(), amountFen: z.number() });
export type Coupon = z.infer<typeof couponSchema>;

/** One entry of `promotion_detail`: a coupon the merchant's own stock paid for. */
export function promotionDetail(coupon: Coupon) {
  return {
    coupon_id: coupon.couponId,
    name: 'Sandbox coupon',
    scope: 'GLOBAL',
    type: 'CASH',
    amount: coupon.amountFen,
    stock_id: coupon.stockId,
    wechatpay_contribute: 0,
    merchant_contribute: coupon.amountFen,
    other_contribute: 0,
    currency: 'CNY',
  };
}
