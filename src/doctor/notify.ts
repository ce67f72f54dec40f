import { z } from 'zod';
import { parseJson } from '../base/parse-json.js';
import type { Merchant } from '../channels/merchant.js';
import { isLoopback } from '../channels/safe-url.js';
import { failed, ok, skipped, unreachable, warning, type Check, type CheckResult, type Finding } from './check.js';
import type { Examination, Section } from './examine.js';
import { reasonOf } from './gateway/gateway.js';

export const notifySection: Section = ({ installation: { publicUrl }, merchants, ...examination }) =>
  publicUrl === undefined ? [] : checkNotifies(examination, publicUrl, [...merchants.values()]);

export function checkNotifies(
  { check, isOffline }: Pick<Examination, 'check' | 'isOffline'>,
  publicUrl: string,
  merchants: readonly Merchant[],
): Promise<CheckResult[]> {
  const online = (run: Check['run']): Check['run'] => (isOffline ? () => skipped('--offline') : run);
  const rows: readonly (readonly [subject: string, name: string, run: Check['run']])[] = [
    ['ingress', 'health', online(() => checkIngress(publicUrl, '/healthz'))],
    ['ingress', 'readiness', online(() => checkIngress(publicUrl, '/readyz'))],
    ...merchants.flatMap((merchant) => [
      [merchant.mchid, 'URL', () => checkNotifyUrl(publicUrl, merchant)] as const,
      [merchant.mchid, 'unsigned notify', online(() => checkUnsignedNotify(publicUrl, merchant))] as const,
    ]),
  ];
  return Promise.all(rows.map(([subject, name, run]) => check({ group: 'notify', subject, name, run })));
}

const TIMEOUT_MS = 8_000;

async function checkIngress(publicUrl: string, path: '/healthz' | '/readyz'): Promise<Finding> {
  const url = `${publicUrl}${path}`;
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(reasonOf);
  if (typeof answer === 'string') {
    return unreachable(
      `${url} does not answer (${answer})`,
      'Start the ingress with npm run serve, and let the proxy at PAYSAGA_PUBLIC_URL pass requests to it.',
    );
  }
  await answer.body?.cancel();
  if (answer.status === 200) return ok(`${url} answers 200`);
  return path === '/readyz' && answer.status === 503
    ? warning('the ingress runs, but is not ready', 'Look at its GET /readyz, which names what it cannot reach.')
    : failed(
        `${url} answers ${answer.status}`,
        'Let the proxy at PAYSAGA_PUBLIC_URL pass every path to the ingress: what answers there is not PaySaga.',
      );
}

/** WeChat Pay takes a notify_url of 255 characters at most. */
const MAX_CHARACTERS = 255;

const notifyUrlOf = (publicUrl: string, mchid: string): string => `${publicUrl}/notify/wechatpay/v3/${mchid}`;

export function checkNotifyUrl(publicUrl: string, merchant: Merchant): Finding {
  const url = notifyUrlOf(publicUrl, merchant.mchid);
  const cure =
    'Set PAYSAGA_PUBLIC_URL to the https address under which WeChat Pay reaches the ingress from the internet.';
  if (!URL.canParse(publicUrl)) return failed('PAYSAGA_PUBLIC_URL is not a URL', cure);
  const { protocol, hostname, pathname, search, username } = new URL(url);
  if (search !== '' || username !== '') return failed('the notify URL has a query or credentials', cure);
  if (url.length > MAX_CHARACTERS) return failed(`the notify URL has ${url.length} characters`, cure);
  // A sandbox on this machine reaches what WeChat Pay does not.
  if (isLoopback(new URL(merchant.credentials.gatewayUrl).hostname)) return ok(url);
  if (protocol !== 'https:') return failed(`${url} is not https`, cure);
  if (!isPublicName(hostname)) return failed(`${hostname} is not a public host name`, cure);
  if (pathname !== `/notify/wechatpay/v3/${merchant.mchid}`) {
    return warning(
      `the notify URL has the path ${pathname}`,
      'Let the proxy remove the part before /notify, or give PaySaga a host name of its own.',
    );
  }
  return ok(url);
}

/** WeChat Pay resolves it from the internet; an address would have no certificate it accepts. */
function isPublicName(hostname: string): boolean {
  if (!hostname.includes('.') || hostname.startsWith('[') || /^[0-9.]+$/.test(hostname)) return false;
  return !/\.(local|localhost|internal|intranet|lan|home|corp|test|example|invalid|home\.arpa)$/.test(hostname);
}

const failure = z.object({ code: z.literal('FAIL') });

/** PaySaga refuses an unsigned notify in its own words, which shows that notifies get there. */
async function checkUnsignedNotify(publicUrl: string, { mchid }: Merchant): Promise<Finding> {
  const answer = await post(notifyUrlOf(publicUrl, mchid));
  if (answer === undefined) return skipped('nothing answers there');
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    return failed(
      `something acknowledges an unsigned notify with ${status}`,
      'Let POST /notify/ at PAYSAGA_PUBLIC_URL reach the ingress alone: whatever answers now makes WeChat Pay forget payments.',
    );
  }
  const isOurs = failure.safeParse(body).success;
  if (isOurs && status === 401) return ok('an unsigned notify reaches PaySaga and is refused');
  if (isOurs && status === 404) {
    return failed(
      'the ingress does not know this merchant',
      'Give the ingress the same merchants file as here and restart it.',
    );
  }
  return failed(
    `an unsigned notify is answered with ${status}${isOurs ? ' FAIL' : ', not by PaySaga'}`,
    'Let the proxy pass POST /notify/ to the ingress unchanged, without a login, a challenge or a limit of its own.',
  );
}

async function post(url: string): Promise<{ status: number; body: unknown } | undefined> {
  const request = {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', 'user-agent': 'paysaga-doctor' },
    body: '{}',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  } as const;
  try {
    const answer = await fetch(url, request);
    return { status: answer.status, body: parseJson(await answer.text()) };
  } catch {
    return undefined;
  }
}
