import type { Gateway, NotifyReader } from '../../../src/channels/port.js';
import {
  createV3Client,
  createWechatPayV3Gateway,
  type V3ClientDeps,
} from '../../../src/channels/wechatpay-v3/gateway.js';
import type { V3Merchant } from './merchant.js';

/** A gateway over a client of its own, with fresh gates and keys, and the notifies that come to it. */
export function gatewayOf(merchant: V3Merchant, deps: V3ClientDeps): Gateway & NotifyReader {
  const client = createV3Client(merchant.credentials, deps);
  return { ...createWechatPayV3Gateway(merchant, client), parseNotify: (request) => client.parseNotify(request) };
}

export const withCredentials = (merchant: V3Merchant, change: Partial<V3Merchant['credentials']>): V3Merchant => ({
  ...merchant,
  credentials: { ...merchant.credentials, ...change },
});
