import { compactTime } from '../store/clock.js';
import { isOmitted, stateDescriptions } from './transaction.js';
import type { Coupon, Payment, Trade } from './trade.js';

type Fields = Readonly<Record<string, string>>;

/** The trade as a query of API v2 answers it. `shownTotalFen` stands in it for the real amount. */
export function queryFieldsOf(trade: Trade, shownTotalFen?: number): Fields {
  const { payment, state } = trade;
  const order = { appid: appidOf(trade), out_trade_no: trade.outTradeNo };
  const paid = payment ? paidPart(trade, payment, shownTotalFen) : {};
  return without({ ...order, trade_state: state, trade_state_desc: stateDescriptions[state], ...paid }, payment);
}

/** The payment as a notify of API v2 tells it: without a state, since only a success is told. */
export function paymentFieldsOf(trade: Trade, payment: Payment): Fields {
  const order = { appid: appidOf(trade), out_trade_no: trade.outTradeNo };
  return without({ ...order, ...paidPart(trade, payment) }, payment);
}

export const appidOf = ({ appid, payment }: Pick<Trade, 'appid' | 'payment'>): string => payment?.appid ?? appid;

function paidPart(trade: Trade, payment: Payment, shownTotalFen: number = payment.totalFen): Fields {
  const { coupon } = payment;
  return {
    transaction_id: payment.transactionId,
    trade_type: trade.tradeType,
    bank_type: 'OTHERS',
    openid: payment.openid,
    is_subscribe: 'N',
    total_fee: String(shownTotalFen),
    fee_type: 'CNY',
    cash_fee: String(payment.payerTotalFen ?? Math.max(0, shownTotalFen - (coupon?.amountFen ?? 0))),
    cash_fee_type: payment.payerCurrency ?? 'CNY',
    time_end: compactTime(payment.paidAt),
    ...(trade.attach === undefined ? {} : { attach: trade.attach }),
    ...(trade.deviceId === undefined ? {} : { device_info: trade.deviceId }),
    ...(coupon ? couponPart(coupon, shownTotalFen) : {}),
  };
}

/** The merchant's own stock pays for coupons, so that all of the money is settled. */
function couponPart({ couponId, amountFen }: Coupon, settledFen: number): Fields {
  return {
    settlement_total_fee: String(settledFen),
    coupon_fee: String(amountFen),
    coupon_count: '1',
    coupon_type_0: 'CASH',
    coupon_id_0: couponId,
    coupon_fee_0: String(amountFen),
  };
}

function without(fields: Fields, payment: Payment | undefined): Fields {
  const kept = Object.entries(fields).filter(([name]) => !payment || !isOmitted(paths[name] ?? name, payment));
  return Object.fromEntries(kept);
}

/** Where the transaction object of API v3 has what goes by another name here. */
const paths: Readonly<Record<string, string>> = {
  openid: 'payer.openid',
  total_fee: 'amount.total',
  fee_type: 'amount.currency',
  cash_fee: 'amount.payer_total',
  cash_fee_type: 'amount.payer_currency',
  time_end: 'success_time',
  device_info: 'scene_info.device_id',
};
