import { checksOf, type Check, type Checker, type CheckResult } from '../check.js';
import type { Section } from '../examine.js';
import { checkCertificate, checkPlatformCertificates } from './certificates.js';
import { readEntries, type Place, type RawMerchants } from './entry.js';
import { checkApiV2Key, checkApiV3Key, checkPermissions, checkPrivateKey, checkPublicKey } from './keys.js';
import { checkAppids, checkGatewayUrl, checkLimits, checkWebhook, type WebhookRules } from './settings.js';

/** Each entry of the merchants file, where something names one. */
export const merchantSection =
  (rules: WebhookRules, rawMerchants: RawMerchants): Section =>
  async ({ check, now, installation: { merchantsFile, workers } }) => {
    if (merchantsFile === undefined) return [];
    const places = await readEntries(rawMerchants, merchantsFile);
    return (await Promise.all(places.map((place) => checkMerchant({ ...rules, check, now, workers }, place)))).flat();
  };

type MerchantDeps = WebhookRules & {
  readonly check: Checker;
  readonly now: () => Date;
  readonly workers: number;
};

/** One entry of the merchants file and the files it names, without asking anybody. */
export function checkMerchant(deps: MerchantDeps, place: Place): Promise<CheckResult[]> {
  const checks: readonly (readonly [string, Check['run']])[] = [
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
  const one = checksOf(deps.check, 'merchant', place.entry.mchid);
  return Promise.all(checks.map(([name, run]) => one(name, run)));
}
