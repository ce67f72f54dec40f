import { checksOf, type CheckResult, type Rows } from '../check.js';
import type { Examination, Section } from '../examine.js';
import { checkCertificate, checkPlatformCertificates } from './certificates.js';
import { readEntries, type Place, type RawMerchants } from './entry.js';
import { checkApiV2Key, checkApiV3Key, checkPermissions, checkPrivateKey, checkPublicKey } from './keys.js';
import { checkAppids, checkGatewayUrl, checkLimits, checkWebhook, type WebhookRules } from './settings.js';

export const merchantSection =
  (rules: WebhookRules, rawMerchants: RawMerchants): Section =>
  async ({ check, now, installation: { merchantsFile, workers } }) => {
    if (merchantsFile === undefined) return [];
    const places = await readEntries(rawMerchants, merchantsFile);
    return (await Promise.all(places.map((place) => checkMerchant({ ...rules, check, now, workers }, place)))).flat();
  };

type MerchantDeps = WebhookRules & Pick<Examination, 'check' | 'now'> & { readonly workers: number };

export function checkMerchant(deps: MerchantDeps, place: Place): Promise<CheckResult[]> {
  const one = checksOf(deps.check, 'merchant', place.entry.mchid);
  return Promise.all(checksBy(deps).map(([name, run]) => one(name, () => run(place))));
}

const checksBy = (deps: MerchantDeps): Rows<Place> => [
  ['private key', checkPrivateKey],
  ['certificate', (place) => checkCertificate(place, deps.now())],
  ['API v3 key', checkApiV3Key],
  ['API v2 key', checkApiV2Key],
  ['public key', checkPublicKey],
  ['platform certificates', (place) => checkPlatformCertificates(place, deps.now())],
  ['permissions', checkPermissions],
  ['appids', checkAppids],
  ['gateway URL', checkGatewayUrl],
  ['limits', (place) => checkLimits(place, deps.workers)],
  ['webhook', (place) => checkWebhook(deps, place)],
];
