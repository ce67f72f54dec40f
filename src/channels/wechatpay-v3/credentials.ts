import type { KeyObject } from 'node:crypto';
import type { Mchid } from '../../base/ids.js';
import type { GatewayApi } from '../../domain/gateway-answer.js';

/** What an account at WeChat Pay API v3 signs and verifies with, and how gently it calls. */
export type WechatPayV3Credentials = {
  readonly protocol: 'v3';
  /** Who signs. */
  readonly mchid: Mchid;
  /** Serial number of the signer's own API certificate: 40 hex digits, upper case. */
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
};
