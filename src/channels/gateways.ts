import type { AdmissionsDeps } from './flow/admissions.js';
import type { Credentials, Merchant, Merchants } from './merchant.js';
import { createOutward, type Outward } from './outward/outward.js';
import type { Gateway, GatewayLog, Gateways, NotifyPath, NotifyReader } from './port.js';
import { pastOnly } from './told-times.js';
import type { WechatPayV2Credentials } from './wechatpay-v2/credentials.js';
import { createV2Client, createV2Reader, createWechatPayV2Gateway } from './wechatpay-v2/gateway.js';
import { V2_KEY } from './wechatpay-v2/notify.js';
import type { WechatPayV3Credentials } from './wechatpay-v3/credentials.js';
import { createV3Client, createWechatPayV3Gateway } from './wechatpay-v3/gateway.js';

export type GatewaysDeps = AdmissionsDeps & {
  /** Of signatures. */
  readonly now: () => Date;
  /** Of payments, where WeChat Pay's is another than that of signatures, as a sandbox's may be; default `now`. */
  readonly businessNow?: () => Date;
  /** Where WeChat Pay reaches the ingress. */
  readonly publicUrl: () => string;
  readonly log?: GatewayLog;
  /** Which all merchants share; default straight out. */
  readonly outward?: Outward;
};

/**
 * The gateways of the merchants that are configured now. Merchants with the same credentials share one client: its connections,
 * gates and downloaded certificates.
 */
export function createGateways(merchants: Pick<Merchants, 'of' | 'credentialsOf'>, given: GatewaysDeps): Gateways {
  const deps = { outward: createOutward(), ...given };
  const channelOf = madeOnce((credentials: Credentials): Channel =>
    credentials.protocol === 'v2' ? v2Channel(credentials, deps) : v3Channel(credentials, deps),
  );
  const gatewayOf = madeOnce((merchant: Merchant) =>
    pastOnly(channelOf(merchant.credentials).gatewayOf(merchant), deps.businessNow ?? deps.now),
  );
  return {
    for: (mchid) => {
      const merchant = merchants.of(mchid);
      return merchant && gatewayOf(merchant);
    },
    notifiesTo: (mchid, path) => {
      const credentials = merchants.credentialsOf(mchid);
      return credentials && channelOf(credentials).notifies[path];
    },
  };
}

type Channel = {
  readonly gatewayOf: (merchant: Merchant) => Gateway;
  readonly notifies: Readonly<Record<NotifyPath, NotifyReader | undefined>>;
};

function v3Channel(credentials: WechatPayV3Credentials, { publicUrl, ...deps }: GatewaysDeps): Channel {
  const { mchid, apiV2Key } = credentials;
  const client = createV3Client(credentials, {
    ...deps,
    notifyUrl: () => `${publicUrl()}/notify/wechatpay/v3/${mchid}`,
  });
  const v2 = apiV2Key && createV2Reader({ mchid, key: apiV2Key });
  const scanning = credentials.codeScanV2 && v2Channel(credentials.codeScanV2, { publicUrl, ...deps });
  const rereadNotify: Gateway['rereadNotify'] = (proven) =>
    v2 !== undefined && proven.serialNo === V2_KEY ? v2.rereadNotify(proven) : client.rereadNotify(proven);
  return {
    gatewayOf: (merchant) => ({
      ...createWechatPayV3Gateway({ ...merchant, credentials }, client),
      ...(scanning && chargesOf(scanning.gatewayOf(merchant))),
      rereadNotify,
    }),
    notifies: { v3: client, v2Payment: undefined, v2Refund: v2 },
  };
}

/** What a merchant of API v3 has done over API v2. */
const chargesOf = (gateway: Gateway): Pick<Gateway, 'charge' | 'reverse'> => ({
  charge: (...call) => gateway.charge(...call),
  reverse: (...call) => gateway.reverse(...call),
});

function v2Channel(credentials: WechatPayV2Credentials, { publicUrl, ...deps }: GatewaysDeps): Channel {
  const client = createV2Client(credentials, {
    ...deps,
    notifyUrl: (of) => `${publicUrl()}/notify/wechatpay/v2/${credentials.mchid}/${of}`,
  });
  return {
    gatewayOf: (merchant) => createWechatPayV2Gateway(merchant, client),
    notifies: { v3: undefined, v2Payment: client, v2Refund: client },
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
