import type { Checker, CheckResult } from '../checker.js';
import type { DoctorDeps } from '../deps.js';
import type { Finding } from '../finding.js';
import { checkApiV2Key } from './api-v2-key.js';
import { checkApiV3Key } from './api-v3-key.js';
import { checkAppids } from './appids.js';
import { checkCertificate } from './certificate.js';
import type { Place } from './entry.js';
import { checkGatewayUrl } from './gateway-url.js';
import { checkLimits } from './limits.js';
import { checkPermissions } from './permissions.js';
import { checkPlatformCertificates } from './platform-certificates.js';
import { checkPrivateKey } from './private-key.js';
import { checkPublicKey } from './public-key.js';
import { checkWebhook } from './webhook.js';

type MerchantDeps = Pick<DoctorDeps, 'webhookUrlProblem' | 'isWebhookSecret'> & {
  readonly check: Checker;
  readonly now: () => Date;
  readonly workers: number;
};

/** One entry of the merchants file and the files it names, without asking anybody. */
export function checkMerchant(deps: MerchantDeps, place: Place): Promise<CheckResult[]> {
  const checks: readonly (readonly [string, () => Finding | Promise<Finding>])[] = [
    ['private key', () => checkPrivateKey(place)],
    ['certificate', () => checkCertificate(place, deps.now())],
    ['API v3 key', () => checkApiV3Key(place)],
    ['API v2 key', () => checkApiV2Key(place)],
    ['public key', () => checkPublicKey(place)],
    ['platform certificates', () => checkPlatformCertificates(place, deps.now())],
    ['permissions', () => checkPermissions(place)],
    ['appids', () => checkAppids(place)],
    ['gateway URL', () => checkGatewayUrl(place)],
    ['limits', () => checkLimits(place, deps.workers)],
    ['webhook', () => checkWebhook(deps, place)],
  ];
  const subject = place.entry.mchid;
  return Promise.all(checks.map(([name, run]) => deps.check({ group: 'merchant', name, subject, run })));
}
