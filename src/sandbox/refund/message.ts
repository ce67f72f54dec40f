import { beijingTime } from '../store/clock.js';
import { payerTotalOf, type Coupon } from '../trade/trade.js';
import type { Refund } from './refund.js';

export function refundAnswer(refund: Refund) {
  const { coupon } = refund;
  return {
    ...numbers(refund),
    channel: channelOf(refund),
    user_received_account: receivedBy(refund),
    ...succeeded(refund),
    create_time: beijingTime(refund.createdAt),
    status: refund.status,
    funds_account: refund.fundsAccount,
    amount: {
      ...payerAmounts(refund),
      from: refund.from,
      // The merchant's own stock paid for the coupon, so all of the money is settled.
      settlement_total: refund.totalFen,
      settlement_refund: refund.refundFen,
      discount_refund: refund.discountFen,
      currency: 'CNY',
      refund_fee: 0,
    },
    ...(coupon ? { promotion_detail: [promotionDetail(coupon, refund.discountFen)] } : {}),
  };
}

/** The plaintext of a refund notify: `refund_status` in place of `status`, no channel. */
export function refundMessage(refund: Refund) {
  return {
    mchid: refund.mchid,
    ...numbers(refund),
    refund_status: refund.status,
    ...succeeded(refund),
    user_received_account: receivedBy(refund),
    amount: payerAmounts(refund),
  };
}

function numbers(refund: Refund) {
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
  };
}

function succeeded({ succeededAt }: Refund) {
  return succeededAt === undefined ? {} : { success_time: beijingTime(succeededAt) };
}

export const channelOf = ({ status, abnormalRefund }: Refund): string =>
  status === 'SUCCESS' && abnormalRefund ? 'OTHER_BANKCARD' : 'ORIGINAL';

export const receivedBy = (refund: Refund): string => refund.abnormalRefund?.receivedBy ?? '支付用户零钱';

/** What goes back to the payer, in the currency of their charge. */
export function payerRefundOf({ totalFen, refundFen, discountFen, payerTotalFen }: Refund): number {
  return payerTotalFen === undefined ? refundFen - discountFen : Math.floor((payerTotalFen * refundFen) / totalFen);
}

function payerAmounts(refund: Refund) {
  const { totalFen, refundFen } = refund;
  return { total: totalFen, refund: refundFen, payer_total: payerTotalOf(refund), payer_refund: payerRefundOf(refund) };
}

function promotionDetail(coupon: Coupon, refundedFen: number) {
  return {
    promotion_id: coupon.couponId,
    scope: 'GLOBAL',
    type: 'COUPON',
    amount: coupon.amountFen,
    refund_amount: refundedFen,
  };
}
