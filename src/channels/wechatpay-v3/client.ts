import { randomBytes } from 'node:crypto';
import { GATEWAY_APIS, type GatewayApi } from '../../orders/rules/gateway-answer.js';
import { createAdmission, type Admission } from '../flow/admission.js';
import { createGate } from '../flow/gate.js';
import { createFailureLimit, createTokenBucket, failureLimitShare, limitShare } from '../flow/limits.js';
import { silentLog, type GatewayLog, type ProvenNotify, type RawNotify } from '../port.js';
import { downloadCertificates } from './certificates.js';
import type { WechatPayV3Credentials } from './credentials.js';
import type { ExchangeDeps } from './exchange.js';
import { createKeyring } from './keyring.js';
import { parseNotify, readNotify } from './notify.js';
import { resourceKey } from './resource.js';
import { isProven } from './signature.js';
import { createTransport } from './transport.js';

export type V3ClientDeps = {
  readonly now: () => Date;
  /** Of payments and refunds alike. */
  readonly notifyUrl: () => string;
  /** Processes that share the limits. */
  readonly workers: number;
  readonly log?: GatewayLog;
  /** A clock that is never set, for waits and limits. */
  readonly monotonicMs?: () => number;
  /** At most 32 characters, never the same twice. */
  readonly nonce?: () => string;
};

export type V3Client = ReturnType<typeof createV3Client>;

/** Opens no connection before the first call. */
export function createV3Client(credentials: WechatPayV3Credentials, deps: V3ClientDeps) {
  const { mchid, publicKeys } = credentials;
  const { now, notifyUrl, log = silentLog, nonce = () => randomBytes(16).toString('hex') } = deps;
  const apiV3Key = resourceKey(credentials.apiV3Key);
  const admissions = admissionsOf(credentials, deps);
  const unproven = { transport: createTransport(credentials), admissions, now, log, mchid };
  const download = () => downloadCertificates({ ...unproven, apiV3Key, publicKeys });
  const keyring = createKeyring({ mchid, publicKeys, download, now, log });
  const isAuthentic: ExchangeDeps['isAuthentic'] = (answer, signal) =>
    isProven(answer, now(), (serial) => keyring.find(serial, signal));
  return {
    wire: { ...unproven, isAuthentic },
    notifyUrl,
    nonce,
    ready: keyring.ready,
    parseNotify: (request: RawNotify) => parseNotify({ mchid, keyring, apiV3Key, now }, request),
    rereadNotify: (proven: ProvenNotify) => readNotify({ mchid, apiV3Key }, proven),
  };
}

function admissionsOf(
  credentials: Pick<WechatPayV3Credentials, 'limits'>,
  deps: V3ClientDeps,
): Readonly<Record<GatewayApi, Admission>> {
  const nowMs = deps.monotonicMs ?? (() => performance.now());
  const entries = GATEWAY_APIS.map((api) => {
    const bucket = createTokenBucket(limitShare(credentials, api, deps.workers), nowMs);
    const failing = failureLimitShare(api, deps.workers);
    const failures = failing === undefined ? undefined : createFailureLimit(failing, nowMs);
    return [api, createAdmission(createGate(bucket, nowMs, failures))] as const;
  });
  return Object.fromEntries(entries) as Record<GatewayApi, Admission>;
}
