import { GATEWAY_APIS, type GatewayApi } from '../../orders/rules/gateway-answer.js';
import type { Credentials } from '../merchant.js';
import { createAdmission, type Admission } from './admission.js';
import { createGate } from './gate.js';
import { createFailureLimit, createTokenBucket, failureLimitShare, limitShare } from './limits.js';

export type Admissions = Readonly<Record<GatewayApi, Admission>>;

export type AdmissionsDeps = {
  /** Processes that share the limits. */
  readonly workers: number;
  /** A clock that is never set, for waits and limits. */
  readonly monotonicMs?: () => number;
};

/** What stands before the calls of one merchant's credentials. */
export function createAdmissions(credentials: Pick<Credentials, 'limits'>, deps: AdmissionsDeps): Admissions {
  const nowMs = deps.monotonicMs ?? (() => performance.now());
  const entries = GATEWAY_APIS.map((api) => {
    const bucket = createTokenBucket(limitShare(credentials, api, deps.workers), nowMs);
    const failing = failureLimitShare(api, deps.workers);
    const failures = failing === undefined ? undefined : createFailureLimit(failing, nowMs);
    return [api, createAdmission(createGate(bucket, nowMs, failures))] as const;
  });
  return Object.fromEntries(entries) as Record<GatewayApi, Admission>;
}
