import { beijingTime } from '../store/clock.js';
import { promotionDetail } from './coupon.js';
import type { Payment, Trade } from './trade.js';

/**
 * The transaction object of a query answer and of a payment notify. `shownTotalFen` replaces the amount in the message
 * only.
 */
export function transactionOf(trade: Trade, shownTotalFen?: number) {
  return {
    appid: trade.appid,
    mchid: trade.mchid,
    out_trade_no: trade.outTradeNo,
    trade_state: trade.state,
    trade_state_desc: descriptions[trade.state],
    ...(trade.deviceId === undefined ? {} : { scene_info: { device_id: trade.deviceId } }),
    ...(trade.payment
      ? paidPart(trade, trade.payment, shownTotalFen)
      : { amount: { total: shownTotalFen ?? trade.totalFen, currency: 'CNY' } }),
  };
}

const descriptions = { NOTPAY: '订单未支付', SUCCESS: '支付成功', REFUND: '转入退款', CLOSED: '订单已关闭' } as const;

function paidPart(trade: Trade, payment: Payment, shownTotalFen: number | undefined) {
  const total = shownTotalFen ?? payment.totalFen;
  const { coupon } = payment;
  return {
    transaction_id: payment.transactionId,
    trade_type: trade.tradeType,
    bank_type: 'OTHERS',
    ...(trade.attach === undefined ? {} : { attach: trade.attach }),
    success_time: beijingTime(payment.paidAt),
    payer: { openid: payment.openid },
    amount: {
      total,
      payer_total: Math.max(0, total - (coupon?.amountFen ?? 0)),
      currency: 'CNY',
      payer_currency: 'CNY',
    },
    ...(coupon ? { promotion_detail: [promotionDetail(coupon)] } : {}),
  };
}
