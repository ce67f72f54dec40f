import type { Credentials, Merchant } from '../../channels/merchant.js';
import {
  behind,
  checksOf,
  failed,
  ok,
  reaching,
  skipped,
  unreachable,
  warning,
  type CheckResult,
  type Finding,
  type Reached,
  type Rows,
} from '../check.js';
import type { Examination, Section } from '../examine.js';
import { checkAnswers, type SignedAnswer, type V3Merchant } from './answers.js';
import { checkCertificateInUse, checkKeyInUse, v2SideOf, type V2Merchant } from './api-v2.js';
import { checkCredentials } from './credentials.js';

export const gatewaySection: Section = async ({ merchants, ...examination }) =>
  (await Promise.all([...merchants.values()].map((merchant) => checkGateway(examination, merchant)))).flat();

type GatewayDeps = Pick<Examination, 'check' | 'now' | 'isOffline'>;

export async function checkGateway({ check, now, isOffline }: GatewayDeps, merchant: Merchant): Promise<CheckResult[]> {
  const one = checksOf(check, 'gateway', merchant.mchid);
  const { result, found } = await reaching(one, 'reachable', () =>
    isOffline ? { finding: skipped('--offline') } : reachGateway(merchant.credentials, now),
  );
  const reason = isOffline ? '--offline' : 'the gateway does not answer';
  return [result, ...(await behind(one, found, checksBehind(merchant, now), reason))];
}

function checksBehind(merchant: Merchant, now: () => Date): Rows<Answering> {
  const { credentials } = merchant;
  return credentials.protocol === 'v2'
    ? v2Checks({ ...merchant, credentials }, now)
    : v3Checks({ ...merchant, credentials }, now);
}

const v2Checks = (merchant: V2Merchant, now: () => Date): Rows<Answering> => [
  ['clock', ({ skewMs }) => checkClockOfV2(skewMs)],
  ['API v2 key in use', () => checkKeyInUse(merchant, now)],
  ['client certificate in use', () => checkCertificateInUse(merchant, now)],
];

function v3Checks(merchant: V3Merchant, now: () => Date): Rows<Answering> {
  let answers: Promise<SignedAnswer> | undefined;
  const asked = (): Promise<SignedAnswer> => (answers ??= checkAnswers(merchant, now));
  const besides = v2SideOf(merchant);
  const isReversing = besides !== undefined && merchant.credentials.codeScanV2 !== undefined;
  return [
    ['clock', ({ skewMs }) => checkClock(skewMs)],
    ['credentials', () => checkCredentials(merchant, now)],
    ['answer signature', async () => (await asked()).signature],
    ['API v3 key in use', async () => (await asked()).apiV3Key],
    ...(besides === undefined ? [] : ([['API v2 key in use', () => checkKeyInUse(besides, now)]] as const)),
    ...(isReversing ? ([['client certificate in use', () => checkCertificateInUse(besides, now)]] as const) : []),
  ];
}

/** `skewMs` is positive where this machine is ahead, absent where the gateway does not say its time. */
type Answering = { readonly skewMs: number | undefined };

const TIMEOUT_MS = 8_000;

const PATHS = { v3: '/v3/certificates', v2: '/pay/orderquery' } as const satisfies Record<
  Credentials['protocol'],
  string
>;

/** Any answer shows that the gateway is reached; an unsigned request is refused, and says the time all the same. */
async function reachGateway({ protocol, gatewayUrl }: Credentials, now: () => Date): Promise<Reached<Answering>> {
  const { origin, hostname } = new URL(gatewayUrl);
  const before = now().getTime();
  try {
    const answer = await fetch(new URL(PATHS[protocol], gatewayUrl), {
      redirect: 'manual',
      headers: { accept: 'application/json', 'user-agent': 'paysaga-doctor' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    const after = now().getTime();
    const skewMs = skewOf(answer.headers.get('date'), (before + after) / 2);
    return { found: { skewMs }, finding: ok(`${origin} answers in ${after - before} ms`) };
  } catch (error) {
    const cure = `Let this machine reach ${hostname}: look at its DNS, firewall and certificates; a proxy is not used.`;
    return { finding: unreachable(`${origin} does not answer (${reasonOf(error)})`, cure) };
  }
}

/** The `Date` header says whole seconds: on average the moment was half of one later. */
function skewOf(date: string | null, atMs: number): number | undefined {
  const saidMs = date === null ? NaN : Date.parse(date);
  return Number.isNaN(saidMs) ? undefined : atMs - (saidMs + 500);
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name;
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
