import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import type { Merchant } from '../merchant.js';
import type { CallOptions, Gateway, Invoke } from '../port.js';
import type { V3Client } from './client.js';
import { bounded, type Bounded, type ExchangeDeps } from './exchange.js';
import { callClose, callPrepay, callQuery, prepayBody } from './payment.js';
import { callAbnormalRefund, callRefund, callRefundQuery } from './refund.js';

/** One direct merchant of WeChat Pay API v3. */
export function createWechatPayV3Gateway(merchant: Merchant, client: V3Client): Gateway {
  const { mchid } = merchant;
  const calls: ExchangeDeps = { ...client.wire, mchid };
  /** Without a key the answer could not be read: then nothing is asked, since asking may already take effect. */
  const call =
    <Request, Answer>(send: (deps: ExchangeDeps, request: Request, bounds: Bounded) => Promise<Answer>) =>
    async (request: Request, options: CallOptions): Promise<Answer> => {
      const bounds = bounded(options);
      await client.ready(bounds.signal);
      return send(calls, request, bounds);
    };

  return {
    prepayBody: (attempt) => prepayBody(mchid, client.notifyUrl(), attempt),
    prepay: call(callPrepay),
    query: call(callQuery),
    close: call(callClose),
    refund: call((deps, request, bounds) => callRefund(deps, { ...request, notifyUrl: client.notifyUrl() }, bounds)),
    queryRefund: call(callRefundQuery),
    abnormalRefund: call(callAbnormalRefund),
    invoke: (request) =>
      invokeParameters(merchant, {
        ...request,
        timestampSeconds: Math.floor(calls.now().getTime() / 1_000),
        nonce: client.nonce(),
      }),
    rereadNotify: client.rereadNotify,
  };
}

type InvokeRequest = Parameters<Gateway['invoke']>[0] & { readonly timestampSeconds: number; readonly nonce: string };

/** Signed with the same key as the prepay. Native shows a code and H5 goes to an address. */
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
