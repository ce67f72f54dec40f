import type { Merchant } from '../merchant.js';
import type { CallOptions, Gateway } from '../port.js';
import type { V3Client } from './client.js';
import { bounded, type Bounded, type ExchangeDeps } from './exchange.js';
import { invokeParameters } from './invoke.js';
import { callClose, callPrepay, callQuery, prepayBody } from './payment.js';
import { callAbnormalRefund, callRefund, callRefundQuery } from './refund.js';

/** One direct merchant of WeChat Pay API v3. */
export function createWechatPayV3Gateway(merchant: Merchant, client: V3Client): Gateway {
  const { mchid } = merchant;
  const calls: ExchangeDeps = { ...client.wire, mchid };
  /** Without a key the answer could not be read: then nothing is asked, since asking may already take effect. */
  const once = async <T>(options: CallOptions, call: (bounds: Bounded) => Promise<T>): Promise<T> => {
    const bounds = bounded(options);
    await client.ready(bounds.signal);
    return call(bounds);
  };

  return {
    prepayBody: (attempt) => prepayBody(mchid, client.notifyUrl(), attempt),
    prepay: (request, options) => once(options, (bounds) => callPrepay(calls, request, bounds)),
    query: ({ outTradeNo }, options) => once(options, (bounds) => callQuery(calls, outTradeNo, bounds)),
    close: ({ outTradeNo }, options) => once(options, (bounds) => callClose(calls, outTradeNo, bounds)),
    refund: (request, options) =>
      once(options, (bounds) => callRefund(calls, { ...request, notifyUrl: client.notifyUrl() }, bounds)),
    queryRefund: ({ outRefundNo }, options) => once(options, (bounds) => callRefundQuery(calls, outRefundNo, bounds)),
    abnormalRefund: (request, options) => once(options, (bounds) => callAbnormalRefund(calls, request, bounds)),
    invoke: (request) =>
      invokeParameters(merchant, {
        ...request,
        timestampSeconds: Math.floor(calls.now().getTime() / 1_000),
        nonce: client.nonce(),
      }),
    rereadNotify: (proven) => client.rereadNotify(proven),
  };
}
