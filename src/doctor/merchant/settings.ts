import { checksOf, type CheckResult, type Rows, failed, ok, skipped, warning, type Finding } from '../check.js';
import type { Examination, Section } from '../examine.js';
import { checkGatewayUrl, checkSecapiUrl, gatewayUrlIn } from './addresses.js';
import { checkCertificate, checkPlatformCertificates } from './certificates.js';
import { checkCheckoutPage } from './checkout-page.js';
import { checkClientCertificate, checkSecapiCa, checkSignType } from './client-certificate.js';
import { readEntries, type Place, type RawMerchants, readKeyFile } from './entry.js';
import { checkApiV2Key, checkApiV3Key, checkPermissions, checkPrivateKey, checkPublicKey } from './keys.js';
import { isLoopback } from '../../channels/safe-url.js';
import { GATEWAY_APIS } from '../../orders/rules/gateway-answer.js';
import { PRODUCTS } from '../../orders/rules/product.js';

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
  return Promise.all(checksBy(deps, place.entry).map(([name, run]) => one(name, () => run(place))));
}

const checksBy = (deps: MerchantDeps, { protocol, codeScan }: Place['entry']): Rows<Place> => [
  ['private key', checkPrivateKey],
  ...OF_PROTOCOL[protocol](deps.now),
  ...(protocol === 'v3' && codeScan === 'v2' ? shownCertificate(deps.now) : []),
  ['permissions', checkPermissions],
  ['appids', checkAppids],
  ['gateway URL', checkGatewayUrl],
  ['limits', (place) => checkLimits(place, deps.workers)],
  ['webhook', (place) => checkWebhook(deps, place)],
  ['checkout page', checkCheckoutPage],
];

type Protocol = Place['entry']['protocol'];

/** Of API v2: what is shown where money goes back, also of a charge. */
const shownCertificate = (now: () => Date): Rows<Place> => [
  ['client certificate', (place) => checkClientCertificate(place, now())],
  ['sign type', checkSignType],
  ['secapi URL', checkSecapiUrl],
  ['secapi CA', (place) => checkSecapiCa(place, now())],
];

const OF_PROTOCOL: Readonly<Record<Protocol, (now: () => Date) => Rows<Place>>> = {
  v3: (now) => [
    ['certificate', (place) => checkCertificate(place, now())],
    ['API v3 key', checkApiV3Key],
    ['API v2 key', checkApiV2Key],
    ['public key', checkPublicKey],
    ['platform certificates', (place) => checkPlatformCertificates(place, now())],
  ],
  v2: (now) => [['API v2 key', checkApiV2Key], ...shownCertificate(now)],
};

/** WeChat gives out `wx` and 16 hexadecimal digits; PaySaga takes a little more. */
const USUAL = /^wx[0-9a-f]{16}$/;

function checkAppids({ entry }: Place): Finding {
  const known: readonly string[] = PRODUCTS;
  const given = Object.entries(entry.appids);
  const strange = given.filter(([product]) => !known.includes(product)).map(([product]) => product);
  if (strange.length > 0) {
    return failed(`appids names no product of PaySaga: ${strange.join(', ')}`, `Use ${PRODUCTS.join(', ')}.`);
  }
  if (given.length === 0) {
    return failed('appids is empty, so no order can be made', 'Name an appid for each product the shop sells with.');
  }
  const unusual = given
    .filter(([, appids]) => [appids].flat().some((appid) => typeof appid !== 'string' || !USUAL.test(appid)))
    .map(([product]) => product);
  if (unusual.length > 0) {
    return warning(
      `not the usual form of an appid: ${unusual.join(', ')}`,
      'Compare with the appid at the WeChat platform: wx and 16 hexadecimal digits, bound to this mchid.',
    );
  }
  return ok(given.map(([product]) => product).join(', '));
}

/** Calls a second; WeChat Pay publishes no other limits. */
const PUBLISHED: Readonly<Record<string, number>> = { refund: 150, refundQuery: 300, certificates: 1_000 };
/** Calls a second of one worker; below it orders wait for each other. */
const SLOW = 0.1;

function checkLimits({ entry }: Place, workers: number): Finding {
  const given = GATEWAY_APIS.flatMap((api) => {
    const limit = entry.limits[api];
    return typeof limit === 'number' ? [{ api, limit }] : [];
  });
  const above = given.filter(({ api, limit }) => limit > (PUBLISHED[api] ?? Infinity));
  if (above.length > 0) {
    return warning(
      `more calls a second than WeChat Pay allows: ${above.map(({ api }) => api).join(', ')}`,
      `Lower ${above.map(({ api }) => `limits.${api} to ${PUBLISHED[api]}`).join(', ')}.`,
    );
  }
  const slow = given.filter(({ limit }) => limit / workers < SLOW);
  if (slow.length > 0) {
    return warning(
      `less than a call in ten seconds for each worker: ${slow.map(({ api }) => api).join(', ')}`,
      'Limits are calls a second of all workers together: raise them, or lower PAYSAGA_WORKERS.',
    );
  }
  return ok(given.length === 0 ? 'the defaults' : given.map(({ api, limit }) => `${api} ${limit}/s`).join(', '));
}

type WebhookRules = {
  readonly webhookUrlProblem: (url: string, allowedPrivateRanges: readonly string[]) => string | undefined;
  readonly isWebhookSecret: (text: string) => boolean;
};

const MAKE_SECRET = 'Make one with: (umask 077; echo "whsec_$(openssl rand -base64 32)" > FILE).';

async function checkWebhook(rules: WebhookRules, place: Place): Promise<Finding> {
  const { webhook } = place.entry;
  if (webhook === undefined) return skipped('none given: the shop is told nothing and has to ask');
  const { url = '', secretFiles, allowedPrivateRanges } = webhook;
  const problem = rules.webhookUrlProblem(url, allowedPrivateRanges);
  if (problem !== undefined) {
    return failed(`webhook.url ${problem}`, 'Set webhook.url to an https URL of the shop without credentials.');
  }
  return (await secretProblem(rules, place, secretFiles)) ?? judgeRanges(place, url, allowedPrivateRanges);
}

async function secretProblem(
  rules: WebhookRules,
  place: Place,
  names: readonly string[],
): Promise<Finding | undefined> {
  if (names.length === 0) return failed('webhook.secretFiles is empty', MAKE_SECRET);
  for (const [index, name] of names.entries()) {
    const setting = `webhook.secretFiles[${index}]`;
    const text = await readKeyFile(place, name, setting);
    if (typeof text !== 'string') return text;
    if (!rules.isWebhookSecret(text)) {
      return failed(`${setting} is not whsec_ and 24 to 64 bytes in base64`, MAKE_SECRET);
    }
  }
  return undefined;
}

/** With the sandbox for a gateway the shop is under development, mostly on the same machine. */
function judgeRanges({ entry }: Place, url: string, ranges: readonly string[]): Finding {
  const gatewayUrl = gatewayUrlIn(entry) ?? '';
  const isSandbox = URL.canParse(gatewayUrl) && isLoopback(new URL(gatewayUrl).hostname);
  if (ranges.length === 0 || isSandbox) return ok(new URL(url).origin);
  return warning(
    `webhooks may go to private addresses: ${ranges.join(', ')}`,
    'Keep allowedPrivateRanges as narrow as the shop needs, or empty for a shop on public addresses.',
  );
}
