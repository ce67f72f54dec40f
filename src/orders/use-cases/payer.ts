import { DomainError } from '../rules/domain-error.js';
import type { H5Type, Product, Till } from '../rules/product.js';
import type { AttemptParameters } from '../rules/record.js';
import type { PayerIdentity, SceneInfo } from '../rules/sale.js';
import { err, ok, type Result } from '../../base/result.js';

export type PayerRequest = {
  readonly product: Product;
  readonly appid?: string | undefined;
  readonly payer?:
    | {
        readonly openid?: string | undefined;
        readonly authCode?: string | undefined;
        readonly identity?: PayerIdentity | undefined;
      }
    | undefined;
  readonly device?: Till['device'] | undefined;
  readonly store?: Till['store'] | undefined;
  readonly clientIp?: string | undefined;
  readonly h5Type?: H5Type | undefined;
  readonly sceneInfo?: SceneInfo | undefined;
};

/** What a request asks for, as it is hashed: what is optional only where it was given. */
export type PayerParameters = Pick<AttemptParameters, 'product' | 'appid' | 'openid' | 'clientIp' | 'h5Type'> & {
  readonly authCode?: string;
  readonly till?: Till;
  readonly sceneInfo?: SceneInfo;
  readonly identity?: PayerIdentity;
};

export function payerParameters(request: PayerRequest, appid: string): PayerParameters {
  const { sceneInfo, payer: { identity } = {} } = request;
  return {
    product: request.product,
    appid,
    openid: request.payer?.openid ?? null,
    clientIp: request.clientIp ?? null,
    h5Type: request.product === 'h5' ? (request.h5Type ?? 'Wap') : null,
    ...(request.product === 'codeScan' ? scanned(request) : {}),
    ...(sceneInfo === undefined ? {} : { sceneInfo }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** Asked for where the request comes in; here their absence is a bug. */
function scanned({ payer, device, store }: PayerRequest): Pick<Required<PayerParameters>, 'authCode' | 'till'> {
  if (payer?.authCode === undefined || device === undefined || store === undefined)
    throw new Error('a code scan needs code, device and store');
  return { authCode: payer.authCode, till: { device, store } };
}

/** By product; the first is the default. */
export type Appids = { readonly [P in Product]?: readonly string[] | undefined };

export const NOT_CONFIGURED = 'this merchant is not configured here';

/** The appid asked for, which must be one of the merchant's for this product, or the first of them; or why not, in words. */
export function appidFor(
  merchant: { readonly appids: Appids } | undefined,
  { product, appid }: Pick<PayerRequest, 'product' | 'appid'>,
): Result<string, string> {
  if (merchant === undefined) return err(NOT_CONFIGURED);
  const [first, ...others] = merchant.appids[product] ?? [];
  if (first === undefined) return err(`product: this merchant has no appid configured for ${product}`);
  if (appid === undefined || appid === first || others.includes(appid)) return ok(appid ?? first);
  return err(`appid: is not this merchant's appid for ${product}`);
}

/** Throws `invalid_request`. */
export function requireValid<T>(result: Result<T, string>): T {
  if (!result.ok) throw new DomainError('invalid_request', result.error);
  return result.value;
}
