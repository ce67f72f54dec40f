import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import type { Merchant } from '../merchant.js';
import type { CallOptions, Gateway, Invoke } from '../port.js';
import type { V3Client } from './client.js';
import { bounded, type Bounded, type ExchangeDeps } from './exchange.js';
import { callClose, callPrepay, callQuery, prepayBody } from './payment.js';
import { callAbnormalRefund, callRefund, callRefundQuery } from './refund.js';
import type { Product } from '../../orders/rules/product.js';

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

type InvokeRequest = {
  readonly product: Product;
  readonly appid: string;
  readonly prepayId: string;
  readonly timestampSeconds: number;
  readonly nonce: string;
};

/** What the front end hands to WeChat, signed with the same key as the prepay. Native shows a code and H5 goes to an address. */
export function invokeParameters(
  merchant: Pick<Merchant, 'mchid' | 'credentials'>,
  request: InvokeRequest,
): Invoke | null {
  const timeStamp = String(request.timestampSeconds);
  const sign = (last: string): string =>
    Rsa.sign(
      Formatter.joinedByLineFeed(request.appid, timeStamp, request.nonce, last),
      merchant.credentials.privateKey,
    );
  const page = { timeStamp, nonceStr: request.nonce, package: `prepay_id=${request.prepayId}`, signType: 'RSA' };

  switch (request.product) {
    case 'jsapi':
      return { appId: request.appid, ...page, paySign: sign(page.package) };
    case 'miniProgram':
      return { ...page, paySign: sign(page.package) };
    case 'app':
      return {
        appId: request.appid,
        partnerId: merchant.mchid,
        prepayId: request.prepayId,
        packageValue: 'Sign=WXPay',
        nonceStr: request.nonce,
        timeStamp,
        sign: sign(request.prepayId),
      };
    case 'native':
    case 'h5':
      return null;
    default:
      return request.product satisfies never;
  }
}
