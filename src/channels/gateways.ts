import type { Mchid } from '../base/ids.js';
import type { Credentials, Merchant, Merchants } from './merchant.js';
import type { Gateway, Gateways } from './port.js';
import { createV3Client, type V3ClientDeps } from './wechatpay-v3/client.js';
import { createWechatPayV3Gateway } from './wechatpay-v3/gateway.js';

export type GatewaysDeps = Omit<V3ClientDeps, 'notifyUrl'> & {
  /** Where the notifies for the credentials of this number come to: `<public url>/notify/wechatpay/v3/<mchid>`. */
  readonly notifyUrl: (mchid: Mchid) => string;
};

/**
 * The gateways of the merchants that are configured now. Credentials have one client as long as they are configured, whoever
 * uses them: it holds the connections, the gates and the certificates it downloaded.
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
    notifiesTo: (mchid) => {
      const credentials = merchants.credentialsOf(mchid);
      return credentials && clientOf(credentials);
    },
  };
}

/** What is made of a configured object is let go with it. */
function madeOnce<Key extends object, T>(make: (key: Key) => T): (key: Key) => T {
  const made = new WeakMap<Key, T>();
  return (key) => {
    const there = made.get(key) ?? make(key);
    made.set(key, there);
    return there;
  };
}
