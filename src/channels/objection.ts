import { isPublicAddress } from '../net/address.js';
import type { Product } from '../orders/rules/product.js';
import type { PayerIdentity, SaleTerms, SceneInfo } from '../orders/rules/sale.js';
import { isWechatPay } from './safe-url.js';
import { detailText, sceneText } from './wechatpay-v2/sale.js';

export type AskedMerchant = {
  readonly codeScan?: 'v2' | 'v3' | undefined;
  readonly credentials: { readonly protocol: 'v2' | 'v3'; readonly gatewayUrls: readonly string[] };
};

export type Asked = SaleTerms & {
  readonly product: Product;
  readonly attach?: string | null | undefined;
  readonly clientIp?: string | undefined;
  readonly h5Type?: string | undefined;
  readonly sceneInfo?: SceneInfo | undefined;
  readonly payer?: { readonly identity?: PayerIdentity | undefined } | undefined;
};

/**
 * Why WeChat Pay would refuse, in the API by which this merchant sells this product, what other merchants or products may say: the
 * field and what is wrong with it.
 */
export function gatewayObjection({ credentials, codeScan }: AskedMerchant, asked: Asked): string | undefined {
  const { clientIp } = asked;
  if (clientIp !== undefined && credentials.gatewayUrls.some(isWechatPay) && !isPublicAddress(clientIp))
    return "clientIp: must be the payer's public address, not one of a private network or of this machine";
  const protocol = asked.product === 'codeScan' ? (codeScan ?? credentials.protocol) : credentials.protocol;
  if (protocol === 'v2') return v2Objection(asked);
  return asked.product === 'codeScan' && asked.limitPay !== undefined
    ? 'limitPay: API v3 takes none for codeScan'
    : undefined;
}

/** A byte less than API v3's; all other lengths are the same, or longer than what an order may have. */
const ATTACH_BYTES = 127;
const DETAIL_BYTES = 6_000;
const SCENE_BYTES = 256;

function v2Objection(asked: Asked): string | undefined {
  const { attach, detail, limitPay, payer, sceneInfo = null } = asked;
  if (bytesOf(attach ?? '') > ATTACH_BYTES) return tooLong('attach', ATTACH_BYTES);
  if (payer?.identity !== undefined) return 'payer.identity: is not for a merchant of API v2';
  if (limitPay !== undefined && limitPay.join() !== 'no_credit') return 'limitPay: API v2 takes no_credit alone';
  if (detail !== undefined && bytesOf(detailText(detail)) > DETAIL_BYTES) return tooLong('detail', DETAIL_BYTES);
  const scene = sceneText(sceneInfo, asked.product === 'h5' ? (asked.h5Type ?? 'Wap') : null);
  return bytesOf(scene ?? '') > SCENE_BYTES ? tooLong('sceneInfo', SCENE_BYTES) : undefined;
}

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

const tooLong = (field: string, bytes: number): string =>
  `${field}: must be at most ${bytes} bytes for this merchant, whose API v2 takes no more`;
