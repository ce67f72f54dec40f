import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import type { Product } from '../../domain/product.js';
import type { Merchant } from '../merchant.js';
import type { Invoke } from '../port.js';

export type InvokeRequest = {
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
