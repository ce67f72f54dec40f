import { randomBytes } from 'node:crypto';
import { GATEWAY_APIS, type GatewayApi } from '../../domain/gateway-answer.js';
import { createAdmission, type Admission } from '../flow/admission.js';
import { createFailureLimit } from '../flow/failure-limit.js';
import { createGate } from '../flow/gate.js';
import { failureLimitShare, limitShare } from '../flow/limits.js';
import { createTokenBucket } from '../flow/token-bucket.js';
import { silentLog, type GatewayLog } from '../log.js';
import type { Merchant } from '../merchant.js';
import type { CallOptions, Gateway } from '../port.js';
import { callClose, callPrepay, callQuery, type CallDeps } from './calls.js';
import { downloadCertificates } from './certificates.js';
import { bounded, type Bounded } from './deadline.js';
import type { ExchangeDeps } from './exchange.js';
import { invokeParameters } from './invoke.js';
import { createKeyring, type Keyring } from './keyring.js';
import { parseNotify, readNotify } from './notify.js';
import { prepayBody } from './prepay-body.js';
import { callAbnormalRefund, callRefund, callRefundQuery } from './refund.js';
import { resourceKey } from './resource.js';
import { isFresh, isSignedBy, readSignatureHeaders } from './signature.js';
import { createTransport, type RawAnswer } from './transport.js';

export type WechatPayV3Deps = {
  readonly now: () => Date;
  /** Where WeChat Pay sends this merchant's notifies, of payments and refunds alike. */
  readonly notifyUrl: () => string;
  /** Processes that share this merchant's limits. */
  readonly workers: number;
  readonly log?: GatewayLog;
  /** For waits and limits: a clock that is never set. */
  readonly monotonicMs?: () => number;
  /** At most 32 characters, never the same twice. */
  readonly nonce?: () => string;
};

/** One direct merchant of WeChat Pay API v3. Opens no connection before the first call. */
export function createWechatPayV3Gateway(merchant: Merchant, deps: WechatPayV3Deps): Gateway {
  const { mchid } = merchant;
  const { now, log = silentLog, nonce = () => randomBytes(16).toString('hex') } = deps;
  const apiV3Key = resourceKey(merchant.apiV3Key);
  const admissions = admissionsOf(merchant, deps);
  const wire: ExchangeDeps = { transport: createTransport(merchant), admissions, now, log, mchid };
  const { publicKeys } = merchant;
  const download = () => downloadCertificates({ ...wire, apiV3Key, publicKeys });
  const keyring = createKeyring({ mchid, publicKeys, download, now, log });
  const calls: CallDeps = { ...wire, isAuthentic: (answer, signal) => isAuthentic(keyring, answer, now(), signal) };
  /** Without a key the answer could not be read: then nothing is asked, since asking may already take effect. */
  const once = async <T>(options: CallOptions, call: (bounds: Bounded) => Promise<T>): Promise<T> => {
    const bounds = bounded(options);
    await keyring.ready(bounds.signal);
    return call(bounds);
  };

  return {
    prepayBody: (attempt) => prepayBody(mchid, deps.notifyUrl(), attempt),
    prepay: (request, options) => once(options, (bounds) => callPrepay(calls, request, bounds)),
    query: ({ outTradeNo }, options) => once(options, (bounds) => callQuery(calls, outTradeNo, bounds)),
    close: ({ outTradeNo }, options) => once(options, (bounds) => callClose(calls, outTradeNo, bounds)),
    refund: (request, options) =>
      once(options, (bounds) => callRefund(calls, { ...request, notifyUrl: deps.notifyUrl() }, bounds)),
    queryRefund: ({ outRefundNo }, options) => once(options, (bounds) => callRefundQuery(calls, outRefundNo, bounds)),
    abnormalRefund: (request, options) => once(options, (bounds) => callAbnormalRefund(calls, request, bounds)),
    invoke: (request) =>
      invokeParameters(merchant, {
        ...request,
        timestampSeconds: Math.floor(now().getTime() / 1_000),
        nonce: nonce(),
      }),
    parseNotify: (request) => parseNotify({ mchid, keyring, apiV3Key, now }, request),
    rereadNotify: (proven) => readNotify({ mchid, apiV3Key }, proven),
  };
}

function admissionsOf(merchant: Merchant, deps: WechatPayV3Deps): Readonly<Record<GatewayApi, Admission>> {
  const nowMs = deps.monotonicMs ?? (() => performance.now());
  const entries = GATEWAY_APIS.map((api) => {
    const bucket = createTokenBucket(limitShare(merchant, api, deps.workers), nowMs);
    const failing = failureLimitShare(api, deps.workers);
    const failures = failing === undefined ? undefined : createFailureLimit(failing, nowMs);
    return [api, createAdmission(createGate(bucket, nowMs, failures))] as const;
  });
  return Object.fromEntries(entries) as Record<GatewayApi, Admission>;
}

async function isAuthentic(keyring: Keyring, answer: RawAnswer, now: Date, signal: AbortSignal): Promise<boolean> {
  const signed = readSignatureHeaders(answer.headers);
  if (signed === undefined || !isFresh(signed.timestamp, now)) return false;
  const key = await keyring.find(signed.serial, signal);
  return key !== undefined && isSignedBy(key, signed, answer.body);
}
