import type { Merchant } from '../../channels/merchant.js';
import { createOutward } from '../../channels/outward/outward.js';
import {
  behind,
  checksOf,
  failed,
  ok,
  reaching,
  skipped,
  warning,
  type CheckResult,
  type Finding,
  type Rows,
} from '../check.js';
import type { Section } from '../examine.js';
import { checkAnswers, type SignedAnswer, type V3Merchant } from './answers.js';
import { checkCertificateInUse, checkKeyInUse, v2SideOf, type V2Merchant } from './api-v2.js';
import type { Asking } from './asking.js';
import { checkCredentials } from './credentials.js';
import { checkDomains, firstAnswering, reachDomains, type Answering } from './domains.js';
import { checkProxy, type ProxyDeps } from './proxy.js';

export const gatewaySection: Section = async ({ merchants, installation: { outboundProxy }, ...examination }) => {
  const deps = { ...examination, outboundProxy, outward: createOutward({ proxy: outboundProxy }) };
  const all = [...merchants.values()];
  const rows = [checkProxy(deps, all), ...all.map((merchant) => checkGateway(deps, merchant))];
  return (await Promise.all(rows)).flat();
};

type GatewayDeps = ProxyDeps & Asking;

export async function checkGateway(deps: GatewayDeps, merchant: Merchant): Promise<CheckResult[]> {
  const { check, isOffline } = deps;
  const one = checksOf(check, 'gateway', merchant.mchid);
  const domains = isOffline ? undefined : reachDomains(deps, merchant.credentials);
  const { result, found } = await reaching(one, 'reachable', () =>
    domains === undefined ? { finding: skipped('--offline') } : firstAnswering(domains),
  );
  const each = domains === undefined || domains.length === 1 ? [] : await checkDomains(one, domains);
  const reason = isOffline ? '--offline' : 'the gateway does not answer';
  return [result, ...each, ...(await behind(one, found, checksBehind(merchant, deps), reason))];
}

function checksBehind(merchant: Merchant, asking: Asking): Rows<Answering> {
  const { credentials } = merchant;
  return credentials.protocol === 'v2'
    ? v2Checks({ ...merchant, credentials }, asking)
    : v3Checks({ ...merchant, credentials }, asking);
}

const v2Checks = (merchant: V2Merchant, asking: Asking): Rows<Answering> => [
  ['clock', ({ skewMs }) => checkClockOfV2(skewMs)],
  ['API v2 key in use', () => checkKeyInUse(merchant, asking)],
  ['client certificate in use', () => checkCertificateInUse(merchant, asking)],
];

function v3Checks(merchant: V3Merchant, asking: Asking): Rows<Answering> {
  let answers: Promise<SignedAnswer> | undefined;
  const asked = (): Promise<SignedAnswer> => (answers ??= checkAnswers(merchant, asking));
  const besides = v2SideOf(merchant);
  const isReversing = besides !== undefined && merchant.credentials.codeScanV2 !== undefined;
  return [
    ['clock', ({ skewMs }) => checkClock(skewMs)],
    ['credentials', () => checkCredentials(merchant, asking)],
    ['answer signature', async () => (await asked()).signature],
    ['API v3 key in use', async () => (await asked()).apiV3Key],
    ...(besides === undefined ? [] : ([['API v2 key in use', () => checkKeyInUse(besides, asking)]] as const)),
    ...(isReversing ? ([['client certificate in use', () => checkCertificateInUse(besides, asking)]] as const) : []),
  ];
}

const WARN_SECONDS = 30;
const FAIL_SECONDS = 240;

const CURE = "Set this machine's clock by NTP: beyond 300 s WeChat Pay refuses every call, and PaySaga every notify.";

function checkClock(skewMs: number | undefined): Finding {
  if (skewMs === undefined) return skipped(NO_TIME);
  const { seconds, seen } = sideOf(skewMs);
  if (seconds > FAIL_SECONDS) return failed(seen, CURE);
  if (seconds > WARN_SECONDS) return warning(seen, CURE);
  return ok(seen);
}

/** API v2 signs no time, but is told one: when an order ends. */
function checkClockOfV2(skewMs: number | undefined): Finding {
  if (skewMs === undefined) return skipped(NO_TIME);
  const { seconds, seen } = sideOf(skewMs);
  if (seconds <= WARN_SECONDS) return ok(seen);
  return warning(
    seen,
    "Set this machine's clock by NTP: API v2 refuses no call for it, but orders end too early or too late.",
  );
}

const NO_TIME = 'the gateway does not say what time it is';

function sideOf(skewMs: number): { readonly seconds: number; readonly seen: string } {
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  return { seconds, seen: `this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the gateway` };
}
