import { createGateways } from '../../channels/gateways.js';
import { createMerchants, type Merchant } from '../../channels/merchant.js';
import {
  checksOf,
  failed,
  ok,
  skipped,
  unreachable,
  warning,
  type Checker,
  type CheckResult,
  type Finding,
} from '../check.js';
import type { Section } from '../examine.js';
import { checkAnswers, type SignedAnswer } from './answers.js';
import { checkCredentials } from './credentials.js';

/** The gateway of each merchant; asked nothing with `--offline`. */
export const gatewaySection: Section = async ({ merchants, isOffline, ...examination }) => {
  const examine = isOffline ? skipGateway : checkGateway;
  return (await Promise.all([...merchants.values()].map((merchant) => examine(examination, merchant)))).flat();
};

type GatewayDeps = { readonly check: Checker; readonly now: () => Date };

const NAMES = ['clock', 'credentials', 'answer signature', 'API v3 key in use'] as const;

/** Asks the merchant's gateway itself. Nothing of it changes anything there. */
export async function checkGateway(deps: GatewayDeps, merchant: Merchant): Promise<CheckResult[]> {
  const { now } = deps;
  const one = checksOf(deps.check, 'gateway', merchant.mchid);
  let skewMs: number | undefined;
  const reached = await one('reachable', async () => {
    const answer = await reachGateway(merchant.credentials.gatewayUrl, now);
    ({ skewMs } = answer);
    return answer.finding;
  });
  if (reached.status === 'failed') {
    const rest = NAMES.map((name) => one(name, () => skipped('the gateway does not answer')));
    return [reached, ...(await Promise.all(rest))];
  }
  let answers: Promise<SignedAnswer> | undefined;
  const asked = (): Promise<SignedAnswer> => (answers ??= checkAnswers(merchant, now));
  const rest = await Promise.all([
    one('clock', () => checkClock(skewMs)),
    one('credentials', () => credentials(merchant, now)),
    one('answer signature', async () => (await asked()).signature),
    one('API v3 key in use', async () => (await asked()).apiV3Key),
  ]);
  return [reached, ...rest];
}

async function credentials(merchant: Merchant, now: () => Date): Promise<Finding> {
  const merchants = createMerchants(new Map([[merchant.mchid, merchant]]));
  const gateway = createGateways(merchants, { now, workers: 1, notifyUrl: () => '' }).for(merchant.mchid);
  if (gateway === undefined) throw new Error('a gateway that was just made is not there');
  return checkCredentials({ merchant, gateway, now });
}

/** `--offline`. */
export function skipGateway({ check }: Pick<GatewayDeps, 'check'>, merchant: Merchant): Promise<CheckResult[]> {
  const one = checksOf(check, 'gateway', merchant.mchid);
  return Promise.all(['reachable', ...NAMES].map((name) => one(name, () => skipped('--offline'))));
}

/** `skewMs` is positive where this machine is ahead of the gateway, absent where that does not say its time. */
type Reached = { readonly skewMs: number | undefined; readonly finding: Finding };

const TIMEOUT_MS = 8_000;

/** Any answer shows that the gateway is reached; an unsigned request is refused, and says the time all the same. */
async function reachGateway(gatewayUrl: string, now: () => Date): Promise<Reached> {
  const { origin, hostname } = new URL(gatewayUrl);
  const before = now().getTime();
  try {
    const answer = await fetch(new URL('/v3/certificates', gatewayUrl), {
      redirect: 'manual',
      headers: { accept: 'application/json', 'user-agent': 'paysaga-doctor' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.body?.cancel();
    const after = now().getTime();
    const skewMs = skewOf(answer.headers.get('date'), (before + after) / 2);
    return { skewMs, finding: ok(`${origin} answers in ${after - before} ms`) };
  } catch (error) {
    const cure = `Let this machine reach ${hostname}: look at its DNS, firewall and certificates; a proxy is not used.`;
    return { skewMs: undefined, finding: unreachable(`${origin} does not answer (${reasonOf(error)})`, cure) };
  }
}

/** The `Date` header says whole seconds: on average the moment was half of one later. */
function skewOf(date: string | null, atMs: number): number | undefined {
  const saidMs = date === null ? NaN : Date.parse(date);
  return Number.isNaN(saidMs) ? undefined : atMs - (saidMs + 500);
}

/** Why a `fetch` had no answer, in a word of the system's. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name;
}

const WARN_SECONDS = 30;
/** WeChat Pay refuses what is signed more than 300 s off, and so does PaySaga. */
const FAIL_SECONDS = 240;

const CURE = "Set this machine's clock by NTP: beyond 300 s WeChat Pay refuses every call, and PaySaga every notify.";

function checkClock(skewMs: number | undefined): Finding {
  if (skewMs === undefined) return skipped('the gateway does not say what time it is');
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const seen = `this machine is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the gateway`;
  if (seconds > FAIL_SECONDS) return failed(seen, CURE);
  if (seconds > WARN_SECONDS) return warning(seen, CURE);
  return ok(seen);
}
