import type { RefundRequest } from '../port.js';

/**
 * The body of a refund's apply as text, always in this order of keys: the same refund gives the same text. The address is always
 * sent: without it WeChat Pay notifies the console's, in v2 XML.
 */
export function refundBody(notifyUrl: string, refund: RefundRequest): string {
  return JSON.stringify({
    out_trade_no: refund.outTradeNo,
    out_refund_no: refund.outRefundNo,
    ...(refund.reason === null ? {} : { reason: refund.reason }),
    notify_url: notifyUrl,
    amount: { refund: refund.amountFen, total: refund.totalFen, currency: 'CNY' },
  });
}
