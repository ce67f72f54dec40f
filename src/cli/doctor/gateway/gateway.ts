import { createGateways } from '../../../channels/gateways.js';
import { createMerchants, type Merchant } from '../../../channels/merchant.js';
import type { Checker, CheckResult } from '../checker.js';
import { skipped, type Finding } from '../finding.js';
import { checkAnswers, type SignedAnswer } from './answers.js';
import { checkClock } from './clock.js';
import { checkCredentials } from './credentials.js';
import { reachGateway } from './reachable.js';

type GatewayDeps = { readonly check: Checker; readonly now: () => Date };

const NAMES = ['clock', 'credentials', 'answer signature', 'API v3 key in use'] as const;

/** Asks the merchant's gateway itself. Nothing of it changes anything there. */
export async function checkGateway(deps: GatewayDeps, merchant: Merchant): Promise<CheckResult[]> {
  const { now } = deps;
  const one = (name: string, run: () => Finding | Promise<Finding>): Promise<CheckResult> =>
    deps.check({ group: 'gateway', name, subject: merchant.mchid, run });
  let skewMs: number | undefined;
  const reached = await one('reachable', async () => {
    const answer = await reachGateway(merchant.credentials.gatewayUrl, now);
    if (answer.kind === 'reached') skewMs = answer.skewMs;
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
export function skipGateway(deps: Pick<GatewayDeps, 'check'>, merchant: Merchant): Promise<CheckResult[]> {
  const names = ['reachable', ...NAMES];
  const skip = (name: string): Promise<CheckResult> =>
    deps.check({ group: 'gateway', name, subject: merchant.mchid, run: () => skipped('--offline') });
  return Promise.all(names.map(skip));
}
