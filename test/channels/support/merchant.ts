import { NO_FOREIGN } from '../../../src/reconciliation/rules/foreign.js';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { DEFAULT_POLICY } from '../../../src/orders/rules/policy.js';
import type { Merchant } from '../../../src/channels/merchant.js';
import type { WechatPayV3Credentials } from '../../../src/channels/wechatpay-v3/credentials.js';
import { mchid } from './values.js';

export type V3Merchant = Merchant<WechatPayV3Credentials>;

export type Credentials = {
  readonly mchid: string;
  readonly appid: string;
  readonly serialNo: string;
  readonly privateKeyPem: string;
  readonly apiV3Key: string;
  readonly publicKeyId: string;
  readonly publicKeyPem: string;
  readonly platformSerialNo?: string;
};

/** `publicKey`: only the WeChat Pay public key is configured. `certificates`: nothing is, all keys are downloaded. */
export type KeyMode = 'publicKey' | 'certificates';

export function merchantOf(credentials: Credentials, gatewayUrl: string, mode: KeyMode): V3Merchant {
  const publicKeys = new Map<string, KeyObject>();
  if (mode === 'publicKey') publicKeys.set(credentials.publicKeyId, createPublicKey(credentials.publicKeyPem));
  return {
    mchid: mchid(credentials.mchid),
    appids: { native: [credentials.appid], jsapi: [credentials.appid], h5: [credentials.appid] },
    policy: DEFAULT_POLICY,
    foreign: NO_FOREIGN,
    credentials: {
      protocol: 'v3',
      mchid: mchid(credentials.mchid),
      serialNo: credentials.serialNo,
      privateKey: createPrivateKey(credentials.privateKeyPem),
      apiV3Key: credentials.apiV3Key,
      publicKeys,
      requestSerial: mode === 'publicKey' ? credentials.publicKeyId : undefined,
      gatewayUrls: [gatewayUrl],
      limits: {},
    },
  };
}
