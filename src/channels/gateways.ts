import type { Mchid } from '../base/ids.js';
import type { Credentials, Merchant, Merchants } from './merchant.js';
import type { Gateway, Gateways } from './port.js';
import { createV3Client, createWechatPayV3Gateway, type V3ClientDeps } from './wechatpay-v3/gateway.js';

export type GatewaysDeps = Omit<V3ClientDeps, 'notifyUrl'> & {
  /** `<public url>/notify/wechatpay/v3/<mchid>`, the mchid of the credentials. */
  readonly notifyUrl: (mchid: Mchid) => string;
};

/**
 * The gateways of the merchants that are configured now. Merchants with the same credentials share one client: its connections,
 * gates and downloaded certificates.
 */
export function createGateways(merchants: Pick<Merchants, 'of' | 'credentialsOf'>, deps: GatewaysDeps): Gateways {
  const clientOf = madeOnce((credentials: Credentials) =>
    createV3Client(credentials, { ...deps, notifyUrl: () => deps.notifyUrl(credentials.mchid) }),
  );
  const gatewayOf = madeOnce((merchant: Merchant): Gateway =>
    createWechatPayV3Gateway(merchant, clientOf(merchant.credentials)),
  );
  return {
    for: (mchid) => {
      const merchant = merchants.of(mchid);
      return merchant && gatewayOf(merchant);
    },
    notifiesTo: (mchid, path) => {
      const credentials = path === 'v3' ? merchants.credentialsOf(mchid) : undefined;
      return credentials && clientOf(credentials);
    },
  };
}

/** Weakly: a replaced configuration lets its clients go. */
function madeOnce<Key extends object, T>(make: (key: Key) => T): (key: Key) => T {
  const made = new WeakMap<Key, T>();
  return (key) => {
    const there = made.get(key) ?? make(key);
    made.set(key, there);
    return there;
  };
}
