import { spacedTime } from '../store/clock.js';
import { payerTotalOf } from '../trade/trade.js';
import { channelOf, payerRefundOf, receivedBy } from './message.js';
import type { Refund } from './refund.js';

type Fields = Readonly<Record<string, string>>;

/** A refund as API v2 answers the request for it. */
export function refundFieldsOf(refund: Refund): Fields {
  const { coupon, discountFen } = refund;
  return {
    ...orderPart(refund),
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    refund_channel: channelOf(refund),
    refund_fee: String(refund.refundFen),
    settlement_refund_fee: String(refund.refundFen),
    cash_refund_fee: String(payerRefundOf(refund)),
    coupon_refund_fee: String(discountFen),
    coupon_refund_count: coupon ? '1' : '0',
    ...(coupon
      ? { coupon_type_0: 'CASH', coupon_refund_id_0: coupon.couponId, coupon_refund_fee_0: String(discountFen) }
      : {}),
  };
}

/** Refunds of one order as API v2 answers their query, numbered from 0. */
export function refundsFieldsOf(refunds: readonly [Refund, ...Refund[]]): Fields {
  const order = { ...orderPart(refunds[0]), refund_count: String(refunds.length) };
  return refunds.reduce((fields, refund, n) => ({ ...fields, ...numberedPart(refund, n) }), order);
}

/** What a refund notify of API v2 hides in its `req_info`. */
export function refundSecretOf(refund: Refund): Fields {
  return {
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    total_fee: String(refund.totalFen),
    settlement_total_fee: String(refund.totalFen),
    refund_fee: String(refund.refundFen),
    settlement_refund_fee: String(refund.refundFen),
    cash_refund_fee: String(payerRefundOf(refund)),
    refund_status: statuses[refund.status],
    ...(refund.succeededAt === undefined ? {} : { success_time: spacedTime(refund.succeededAt) }),
    refund_recv_accout: receivedBy(refund),
    refund_account: accountOf(refund),
    refund_request_source: refund.request === undefined ? 'VENDOR_PLATFORM' : 'API',
  };
}

function orderPart(refund: Refund): Fields {
  return {
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    total_fee: String(refund.totalFen),
    settlement_total_fee: String(refund.totalFen),
    fee_type: 'CNY',
    cash_fee: String(payerTotalOf(refund)),
  };
}

function numberedPart(refund: Refund, n: number): Fields {
  const { coupon, discountFen, succeededAt } = refund;
  return {
    [`out_refund_no_${n}`]: refund.outRefundNo,
    [`refund_id_${n}`]: refund.refundId,
    [`refund_channel_${n}`]: channelOf(refund),
    [`refund_fee_${n}`]: String(refund.refundFen),
    [`settlement_refund_fee_${n}`]: String(refund.refundFen),
    [`refund_status_${n}`]: statuses[refund.status],
    [`refund_account_${n}`]: accountOf(refund),
    [`refund_recv_accout_${n}`]: receivedBy(refund),
    ...(succeededAt === undefined ? {} : { [`refund_success_time_${n}`]: spacedTime(succeededAt) }),
    ...(coupon
      ? {
          [`coupon_refund_fee_${n}`]: String(discountFen),
          [`coupon_refund_count_${n}`]: '1',
          [`coupon_type_${n}_0`]: 'CASH',
          [`coupon_refund_id_${n}_0`]: coupon.couponId,
          [`coupon_refund_fee_${n}_0`]: String(discountFen),
        }
      : {}),
  };
}

const statuses = {
  PROCESSING: 'PROCESSING',
  SUCCESS: 'SUCCESS',
  ABNORMAL: 'CHANGE',
  CLOSED: 'REFUNDCLOSE',
} as const satisfies Record<Refund['status'], string>;

const accountOf = ({ fundsAccount }: Refund): string =>
  fundsAccount === 'UNSETTLED' ? 'REFUND_SOURCE_UNSETTLED_FUNDS' : 'REFUND_SOURCE_RECHARGE_FUNDS';
