import type { Mchid } from '../base/ids.js';
import type { Merchant } from './merchant.js';
import type { Gateway, Gateways } from './port.js';
import { createWechatPayV3Gateway, type WechatPayV3Deps } from './wechatpay-v3/gateway.js';

export type GatewaysDeps = Omit<WechatPayV3Deps, 'notifyUrl'> & {
  /** `<public url>/notify/wechatpay/v3/<mchid>`. */
  readonly notifyUrl: (mchid: Mchid) => string;
};

/** One gateway a merchant, made once: each holds its connections, its gates and the certificates it downloaded. */
export function createGateways(merchants: ReadonlyMap<Mchid, Merchant>, deps: GatewaysDeps): Gateways {
  const gateways = new Map<Mchid, Gateway>();
  for (const [mchid, merchant] of merchants) {
    gateways.set(mchid, createWechatPayV3Gateway(merchant, { ...deps, notifyUrl: () => deps.notifyUrl(mchid) }));
  }
  return { for: (mchid) => gateways.get(mchid) };
}
