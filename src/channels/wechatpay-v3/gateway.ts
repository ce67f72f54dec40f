import { randomBytes } from 'node:crypto';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
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
import { callBill } from './bill.js';
import { createBillDownload } from './bill-download.js';
import { downloadCertificates } from './certificates.js';
import { callCharge, callReverse } from './charge.js';
import type { WechatPayV3Credentials } from './credentials.js';
import type { ExchangeDeps } from './exchange.js';
import { createKeyring } from './keyring.js';
import { parseNotify, readNotify } from './notify.js';
import { callClose, callPrepay, callQuery, prepayBody } from './payment.js';
import { callAbnormalRefund, callRefund, callRefundQuery } from './refund.js';
import { resourceKey } from './resource.js';
import { seal } from './seal.js';
import { isProven } from './signature.js';
import { createTransport } from './transport.js';

/** One direct merchant of WeChat Pay API v3. */
export function createWechatPayV3Gateway(
  merchant: Merchant<WechatPayV3Credentials>,
  client: ReturnType<typeof createV3Client>,
): Gateway {
  const { mchid } = merchant;
  const calls: ExchangeDeps = { ...client.wire, mchid };
  /** Without a key the answer could not be read: then nothing is asked, since asking may already take effect. */
  const call =
    <Request, Answer>(send: (deps: ExchangeDeps, request: Request, bounds: Bounded) => Promise<Answer>) =>
    async (request: Request, options: CallOptions): Promise<Answer> => {
      const bounds = bounded(options);
      await client.ready(bounds.signal);
      return send(calls, request, bounds);
    };

  return {
    prepayBody: (attempt) => prepayBody(mchid, client.notifyUrl(), attempt),
    prepay: call(callPrepay),
    charge: call(callCharge),
    reverse: call(callReverse),
    query: call(callQuery),
    close: call(callClose),
    refund: call((deps, request, bounds) => callRefund(deps, { ...request, notifyUrl: client.notifyUrl() }, bounds)),
    queryRefund: call(callRefundQuery),
    abnormalRefund: call(callAbnormalRefund),
    seal: async (texts, options) => seal(await client.sealing(bounded(options).signal), texts),
    applyForBill: call(callBill),
    downloadBill: createBillDownload(calls, merchant.credentials, client.outward),
    invoke: (request) =>
      invokeParameters(merchant, {
        ...request,
        timestampSeconds: Math.floor(calls.now().getTime() / 1_000),
        nonce: client.nonce(),
      }),
    rereadNotify: client.rereadNotify,
  };
}

type InvokeRequest = Parameters<Gateway['invoke']>[0] & { readonly timestampSeconds: number; readonly nonce: string };

/** Signed with the same key as the prepay. Native shows a code, H5 goes to an address, and the till has the payer's code. */
export function invokeParameters(
  merchant: Pick<Merchant<WechatPayV3Credentials>, 'mchid' | 'credentials'>,
  request: InvokeRequest,
): Invoke | null {
  const timeStamp = String(request.timestampSeconds);
  const sign = (last: string): string =>
    Rsa.sign(
      Formatter.joinedByLineFeed(request.appid, timeStamp, request.nonce, last),
      merchant.credentials.privateKey,
    );
  const page = { timeStamp, nonceStr: request.nonce, package: `prepay_id=${request.prepayId}`, signType: 'RSA' };

  switch (request.product) {
    case 'jsapi':
      return { appId: request.appid, ...page, paySign: sign(page.package) };
    case 'miniProgram':
      return { ...page, paySign: sign(page.package) };
    case 'app':
      return {
        appId: request.appid,
        partnerId: merchant.mchid,
        prepayId: request.prepayId,
        packageValue: 'Sign=WXPay',
        nonceStr: request.nonce,
        timeStamp,
        sign: sign(request.prepayId),
      };
    case 'native':
    case 'h5':
    case 'codeScan':
      return null;
    default:
      return request.product satisfies never;
  }
}

export type V3ClientDeps = AdmissionsDeps & {
  readonly now: () => Date;
  /** Of payments and refunds alike. */
  readonly notifyUrl: () => string;
  readonly log?: GatewayLog;
  readonly outward?: Outward;
  /** At most 32 characters, never the same twice. */
  readonly nonce?: () => string;
};

const newNonce = (): string => randomBytes(16).toString('hex');

/** Opens no connection before the first call. */
export function createV3Client(credentials: WechatPayV3Credentials, deps: V3ClientDeps) {
  const { mchid, publicKeys } = credentials;
  const { now, notifyUrl, log = silentLog, outward = createOutward(), nonce = newNonce } = deps;
  const apiV3Key = resourceKey(credentials.apiV3Key);
  const admissions = createAdmissions(credentials, deps);
  const unproven = { transport: createTransport(credentials, outward), admissions, now, log, mchid };
  const download = () => downloadCertificates({ ...unproven, apiV3Key, publicKeys });
  const keyring = createKeyring({ mchid, publicKeys, download, now, log });
  const isAuthentic: ExchangeDeps['isAuthentic'] = (answer, signal) =>
    isProven(answer, now(), (serial) => keyring.find(serial, signal));
  return {
    wire: { ...unproven, isAuthentic },
    outward,
    notifyUrl,
    nonce,
    ready: keyring.ready,
    sealing: keyring.sealing,
    parseNotify: (request: RawNotify) => parseNotify({ mchid, keyring, apiV3Key, now }, request),
    rereadNotify: (proven: ProvenNotify) => readNotify({ mchid, apiV3Key }, proven),
  };
}
