import { randomBytes } from 'node:crypto';
import { createAdmissions, type AdmissionsDeps } from '../flow/admissions.js';
import { bounded, type Bounded } from '../flow/call.js';
import type { Merchant } from '../merchant.js';
import { createOutward, type Outward } from '../outward/outward.js';
import {
  silentLog,
  type CallOptions,
  type Gateway,
  type GatewayLog,
  type Invoke,
  type ProvenNotify,
  type RawNotify,
} from '../port.js';
import { createBills } from './bill.js';
import { callCharge, callReverse } from './charge.js';
import type { WechatPayV2Credentials } from './credentials.js';
import type { ExchangeDeps } from './exchange.js';
import { parseNotify, readNotify } from './notify.js';
import { callClose, callPrepay, callQuery, prepayBody } from './payment.js';
import { callRefund, callRefundQuery } from './refund.js';
import { signatureOf } from './signature.js';
import { createTransport } from './transport.js';
import type { Fields } from './xml.js';

/** One direct merchant of WeChat Pay API v2. */
export function createWechatPayV2Gateway(
  merchant: Pick<Merchant, 'mchid' | 'appids'>,
  client: ReturnType<typeof createV2Client>,
): Gateway {
  const { mchid } = merchant;
  const appids = [...new Set(Object.values(merchant.appids).flat())];
  const calls: ExchangeDeps = { ...client.wire, mchid, appids };
  const call =
    <Request, Answer>(send: (deps: ExchangeDeps, request: Request, bounds: Bounded) => Promise<Answer>) =>
    (request: Request, options: CallOptions): Promise<Answer> =>
      send(calls, request, bounded(options));

  return {
    prepayBody: (attempt) => prepayBody({ mchid, notifyUrl: client.notifyUrl('payment'), now: calls.now() }, attempt),
    prepay: call(callPrepay),
    charge: call(callCharge),
    reverse: call(callReverse),
    query: call(callQuery),
    close: call(callClose),
    refund: call((deps, request, bounds) =>
      callRefund(deps, { ...request, notifyUrl: client.notifyUrl('refund') }, bounds),
    ),
    queryRefund: call(callRefundQuery),
    abnormalRefund: () => Promise.resolve({ kind: 'refused', refusal: NO_ABNORMAL_REFUND }),
    seal: null,
    ...createBills(calls),
    invoke: (request) => invokeParameters(calls, request),
    rereadNotify: client.rereadNotify,
  };
}

/** In our own words: WeChat Pay was not asked. */
const NO_ABNORMAL_REFUND = {
  status: 404,
  code: 'NOT_IN_API_V2',
  message: 'API v2 sends no refund elsewhere: pay it out by hand, or send it at the merchant platform',
  detail: null,
};

/** Signed as the prepay was. Native shows a code, H5 goes to an address, and the till has the payer's code. */
export function invokeParameters(
  { mchid, key, signType, now, nonce }: Pick<ExchangeDeps, 'mchid' | 'key' | 'signType' | 'now' | 'nonce'>,
  { product, appid, prepayId }: Parameters<Gateway['invoke']>[0],
): Invoke | null {
  const timeStamp = String(Math.floor(now().getTime() / 1_000));
  const nonceStr = nonce();
  const sign = (fields: Fields): string => signatureOf(fields, key, signType);
  const page = { timeStamp, nonceStr, package: `prepay_id=${prepayId}`, signType };

  switch (product) {
    case 'jsapi':
      return { appId: appid, ...page, paySign: sign({ appId: appid, ...page }) };
    case 'miniProgram':
      return { ...page, paySign: sign({ appId: appid, ...page }) };
    case 'app': {
      const app = { appid, partnerid: mchid, prepayid: prepayId, package: 'Sign=WXPay' };
      return {
        appId: appid,
        partnerId: mchid,
        prepayId,
        packageValue: app.package,
        nonceStr,
        timeStamp,
        sign: sign({ ...app, noncestr: nonceStr, timestamp: timeStamp }),
      };
    }
    case 'native':
    case 'h5':
    case 'codeScan':
      return null;
    default:
      return product satisfies never;
  }
}

export type V2ClientDeps = AdmissionsDeps & {
  readonly now: () => Date;
  readonly notifyUrl: (of: 'payment' | 'refund') => string;
  readonly log?: GatewayLog;
  readonly outward?: Outward;
  /** At most 32 characters, never the same twice. */
  readonly nonce?: () => string;
};

const newNonce = (): string => randomBytes(16).toString('hex');

/** Opens no connection before the first call. */
export function createV2Client(credentials: WechatPayV2Credentials, deps: V2ClientDeps) {
  const { mchid, apiV2Key: key, signType } = credentials;
  const { now, notifyUrl, log = silentLog, outward = createOutward(), nonce = newNonce } = deps;
  const transport = createTransport(credentials, outward);
  return {
    wire: { transport, admissions: createAdmissions(credentials, deps), now, log, key, signType, nonce },
    notifyUrl,
    ...createV2Reader({ mchid, key }),
  };
}

/** Also of a merchant of API v3: refunds that are made in the merchant platform are told in v2. */
export const createV2Reader = (deps: Parameters<typeof parseNotify>[0]) => ({
  parseNotify: (request: RawNotify) => Promise.resolve().then(() => parseNotify(deps, request)),
  rereadNotify: (proven: ProvenNotify) => readNotify(deps, proven),
});
