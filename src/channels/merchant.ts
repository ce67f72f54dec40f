import type { KeyObject } from 'node:crypto';
import type { GatewayApi } from '../domain/gateway-answer.js';
import type { Mchid } from '../base/ids.js';
import type { Policy } from '../domain/policy.js';
import type { Product } from '../domain/product.js';

/** One merchant as its configuration describes it: who it is at WeChat Pay, its keys, and how gently to call. */
export type Merchant = {
  readonly mchid: Mchid;
  readonly protocol: 'v3';
  /** By product; the first is the default. */
  readonly appids: Readonly<Partial<Record<Product, readonly string[]>>>;
  /** Serial number of the merchant's own API certificate: 40 hex digits, upper case. */
  readonly serialNo: string;
  readonly privateKey: KeyObject;
  /** Exactly 32 bytes; opens notifies and platform certificates. */
  readonly apiV3Key: string;
  /** By platform certificate serial or `PUB_KEY_ID_…`: both kinds side by side while WeChat Pay moves from one to the other. */
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** Sent as `Wechatpay-Serial`, so that the answer is signed with that key; absent in certificate mode. */
  readonly requestSerial: string | undefined;
  readonly gatewayUrl: string;
  /** Calls per second of all workers together; an API without a number has the default. */
  readonly limits: Readonly<Partial<Record<GatewayApi, number>>>;
  readonly policy: Policy;
};
