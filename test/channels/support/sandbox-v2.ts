import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import type { Gateway, NotifyReader } from '../../../src/channels/port.js';
import type { WechatPayV2Credentials } from '../../../src/channels/wechatpay-v2/credentials.js';
import { signKey } from '../../../src/channels/wechatpay-v2/signature.js';
import { DEFAULT_POLICY } from '../../../src/orders/rules/policy.js';
import { NO_FOREIGN } from '../../../src/reconciliation/rules/foreign.js';
import { v2GatewayOf, type V2Merchant } from './fake-wechatpay-v2.js';
import type { SandboxUnderTest } from './sandbox.js';
import { mchid } from './values.js';

const listed = z.array(
  z.object({
    mchid: z.string(),
    appids: z.array(z.string()),
    apiV2Key: z.string(),
    certificatePem: z.string(),
    privateKeyPem: z.string(),
    secapiUrl: z.string(),
    secapiCaPem: z.string(),
  }),
);

/** The first merchant of the sandbox, who speaks API v2. */
export async function v2MerchantOf(
  sandbox: SandboxUnderTest,
  gatewayUrl: string,
  changes: Partial<WechatPayV2Credentials> = {},
): Promise<V2Merchant> {
  const [row] = listed.parse(await sandbox.control('GET', '/merchants'));
  if (row === undefined) throw new Error('the sandbox has no merchant');
  return {
    mchid: mchid(row.mchid),
    appids: { native: row.appids, jsapi: row.appids, h5: row.appids },
    policy: DEFAULT_POLICY,
    foreign: NO_FOREIGN,
    credentials: {
      protocol: 'v2',
      mchid: mchid(row.mchid),
      apiV2Key: signKey(row.apiV2Key),
      signType: 'HMAC-SHA256',
      certificate: row.certificatePem,
      privateKey: createPrivateKey(row.privateKeyPem),
      gatewayUrls: [gatewayUrl],
      secapiUrls: [row.secapiUrl],
      secapiCa: row.secapiCaPem,
      limits: { bill: 1_000, billFile: 1_000 },
      ...changes,
    },
  };
}

/** A gateway of its own, with fresh gates, whose notifies come to this test. */
export const v2GatewayIn = (
  sandbox: SandboxUnderTest,
  merchant: V2Merchant,
  now = () => new Date(),
): Gateway & NotifyReader =>
  v2GatewayOf(merchant, {
    now,
    notifyUrl: (of) => `${sandbox.notifiedAt}/notify/wechatpay/v2/${merchant.mchid}/${of}`,
  });
