import { beijingTime } from '../store/clock.js';
import type { Coupon, Payment, Trade } from './trade.js';

/** The transaction object of a query answer and of a payment notify. `shownTotalFen` stands in it for the real amount. */
export function transactionOf(trade: Trade, shownTotalFen?: number): object {
  const transaction = {
    appid: trade.payment?.appid ?? trade.appid,
    mchid: trade.mchid,
    out_trade_no: trade.outTradeNo,
    trade_state: trade.state,
    trade_state_desc: stateDescriptions[trade.state],
    ...(trade.deviceId === undefined ? {} : { scene_info: { device_id: trade.deviceId } }),
    ...(trade.payment
      ? paidPart(trade, trade.payment, shownTotalFen)
      : { amount: { total: shownTotalFen ?? trade.totalFen, currency: 'CNY' } }),
  };
  return without(transaction, trade.payment?.omit ?? []);
}

export const stateDescriptions = {
  NOTPAY: '订单未支付',
  USERPAYING: '用户支付中，需要输入密码',
  PAYERROR: '支付失败，请撤销订单',
  SUCCESS: '支付成功',
  REFUND: '转入退款',
  REVOKED: '订单已撤销',
  CLOSED: '订单已关闭',
} as const satisfies Record<Trade['state'], string>;

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
      payer_total: payment.payerTotalFen ?? Math.max(0, total - (coupon?.amountFen ?? 0)),
      currency: 'CNY',
      payer_currency: payment.payerCurrency ?? 'CNY',
    },
    ...(coupon ? { promotion_detail: [promotionDetail(coupon)] } : {}),
  };
}

function promotionDetail(coupon: Coupon) {
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

const fields = [
  ...['appid', 'mchid', 'out_trade_no', 'trade_state', 'trade_state_desc', 'transaction_id', 'trade_type', 'bank_type'],
  ...['attach', 'success_time', 'payer', 'payer.openid', 'promotion_detail', 'scene_info', 'scene_info.device_id'],
  ...['amount', 'amount.total', 'amount.payer_total', 'amount.currency', 'amount.payer_currency'],
];

/** Whether the transaction object has a field of this name; the path before it may be left out. */
export const isField = (name: string): boolean => fields.some((field) => isNamed(field, name));

function without(object: object, omit: readonly string[], parent = ''): object {
  const left = Object.entries(object).filter(([name]) => !omit.some((omitted) => isNamed(parent + name, omitted)));
  return Object.fromEntries(
    left.map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'object' && value !== null && !Array.isArray(value) ? without(value, omit, `${name}.`) : value,
    ]),
  );
}

/** Whether a payment leaves out the field of this path, itself or all that it is in. */
export const isOmitted = (path: string, { omit = [] }: Payment): boolean =>
  omit.some((name) => isNamed(path, name) || path.startsWith(`${name}.`));

const isNamed = (field: string, name: string): boolean => field === name || field.endsWith(`.${name}`);
