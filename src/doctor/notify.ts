import { z } from 'zod';
import { parseJson } from '../base/parse-json.js';
import type { Credentials, Merchant } from '../channels/merchant.js';
import { isLoopback } from '../channels/safe-url.js';
import { readXml } from '../channels/wechatpay-v2/xml.js';
import { failed, ok, skipped, unreachable, warning, type Check, type CheckResult, type Finding } from './check.js';
import type { Examination, Section } from './examine.js';
import { reasonOf } from './gateway/domains.js';

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
    ...merchants.flatMap(({ mchid, credentials }) =>
      pathsOf(credentials).flatMap((to) => [
        [mchid, `${to.kind}URL`, () => checkNotifyUrl(publicUrl, to)] as const,
        [mchid, `unsigned ${to.kind}notify`, online(() => checkUnsignedNotify(publicUrl, to))] as const,
      ]),
    ),
  ];
  return Promise.all(rows.map(([subject, name, run]) => check({ group: 'notify', subject, name, run })));
}

type NotifyPath = {
  /** Before the word notify: API v3 has one path for all. */
  readonly kind: '' | 'payment ' | 'refund ';
  readonly path: string;
  readonly protocol: Credentials['protocol'];
  readonly gatewayUrl: string;
};

/** Notifies of API v2 come also to a merchant of v3 who has its key. */
export function pathsOf(credentials: Credentials): readonly NotifyPath[] {
  const {
    mchid,
    gatewayUrls: [gatewayUrl],
    apiV2Key,
  } = credentials;
  const at = `/notify/wechatpay/v2/${mchid}`;
  const refund: NotifyPath = { kind: 'refund ', path: `${at}/refund`, protocol: 'v2', gatewayUrl };
  if (credentials.protocol === 'v2')
    return [{ kind: 'payment ', path: `${at}/payment`, protocol: 'v2', gatewayUrl }, refund];
  const own: NotifyPath = { kind: '', path: `/notify/wechatpay/v3/${mchid}`, protocol: 'v3', gatewayUrl };
  return apiV2Key === undefined ? [own] : [own, refund];
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

export function checkNotifyUrl(publicUrl: string, { path, gatewayUrl }: NotifyPath): Finding {
  const url = `${publicUrl}${path}`;
  const cure =
    'Set PAYSAGA_PUBLIC_URL to the https address under which WeChat Pay reaches the ingress from the internet.';
  if (!URL.canParse(publicUrl)) return failed('PAYSAGA_PUBLIC_URL is not a URL', cure);
  const { protocol, hostname, pathname, search, username } = new URL(url);
  if (search !== '' || username !== '') return failed('the notify URL has a query or credentials', cure);
  if (url.length > MAX_CHARACTERS) return failed(`the notify URL has ${url.length} characters`, cure);
  // A sandbox on this machine reaches what WeChat Pay does not.
  if (isLoopback(new URL(gatewayUrl).hostname)) return ok(url);
  if (protocol !== 'https:') return failed(`${url} is not https`, cure);
  if (!isPublicName(hostname)) return failed(`${hostname} is not a public host name`, cure);
  if (pathname !== path) {
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
async function checkUnsignedNotify(publicUrl: string, { path, protocol }: NotifyPath): Promise<Finding> {
  const answer = await post(`${publicUrl}${path}`, protocol);
  if (answer === undefined) return skipped('nothing answers there');
  const { status } = answer;
  const { isAcknowledged, isOurs } = READERS[protocol](answer);
  if (isAcknowledged) {
    return failed(
      `something acknowledges an unsigned notify with ${status}`,
      'Let POST /notify/ at PAYSAGA_PUBLIC_URL reach the ingress alone: whatever answers now makes WeChat Pay forget payments.',
    );
  }
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

type Answer = { readonly status: number; readonly body: Uint8Array };
type Reading = { readonly isAcknowledged: boolean; readonly isOurs: boolean };

/** With API v3 the status decides, with v2 the body. */
const READERS: Readonly<Record<Credentials['protocol'], (answer: Answer) => Reading>> = {
  v3: ({ status, body }) => ({
    isAcknowledged: status >= 200 && status < 300,
    isOurs: failure.safeParse(parseJson(body)).success,
  }),
  v2: ({ body }) => {
    const code = readXml(body)?.['return_code'];
    return { isAcknowledged: code === 'SUCCESS', isOurs: code === 'FAIL' };
  },
};

const EMPTY = {
  v3: { type: 'application/json', body: '{}' },
  v2: { type: 'text/xml', body: '<xml></xml>' },
} as const satisfies Record<Credentials['protocol'], unknown>;

async function post(url: string, protocol: Credentials['protocol']): Promise<Answer | undefined> {
  const { type, body } = EMPTY[protocol];
  const request = {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': type, 'user-agent': 'paysaga-doctor' },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  } as const;
  try {
    const answer = await fetch(url, request);
    return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
  } catch {
    return undefined;
  }
}
