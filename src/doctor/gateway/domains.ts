import axios from 'axios';
import type { Credentials } from '../../channels/merchant.js';
import { proxyTo, targetOf, type OutboundProxy } from '../../channels/outward/proxy.js';
import { isUntrusted } from '../../channels/wechatpay-v2/transport.js';
import { ok, unreachable, warning, type CheckResult, type Finding, type Reached } from '../check.js';
import { patience, type Asking } from './asking.js';

/** `skewMs` is positive where this machine is ahead, absent where the gateway does not say its time. */
export type Answering = { readonly skewMs: number | undefined };

type Reaching = Asking & { readonly outboundProxy: OutboundProxy | undefined };

type Domain = { readonly origin: string; readonly reached: Promise<Reached<Answering>> };

/** Asks all domains at once. */
export function reachDomains(deps: Reaching, { protocol, gatewayUrls }: Credentials): readonly Domain[] {
  return gatewayUrls.map((url) => ({ origin: new URL(url).origin, reached: reach(deps, url, PATHS[protocol]) }));
}

/** Where calls go: to the first that answers. */
export async function firstAnswering(domains: readonly Domain[]): Promise<Reached<Answering>> {
  const all = await Promise.all(domains.map(({ reached }) => reached));
  const [first = NO_DOMAIN] = all;
  const answering = all.find(({ found }) => found !== undefined) ?? first;
  if (all.length === 1 || answering.found === undefined) return answering;
  return { ...answering, finding: ok(`${answering.finding.seen}: calls go there`) };
}

const NO_DOMAIN: Reached<Answering> = { finding: unreachable('there is no domain', 'Set gatewayUrl.') };

type One = (name: string, run: () => Promise<Finding>) => Promise<CheckResult>;

/** A domain that is away costs nothing while another answers, but nothing would stand in for that one. */
export async function checkDomains(one: One, domains: readonly Domain[]): Promise<CheckResult[]> {
  const all = await Promise.all(domains.map(({ reached }) => reached));
  const isOneThere = all.some(({ found }) => found !== undefined);
  return Promise.all(
    domains.map(({ origin, reached }) =>
      one(`domain ${new URL(origin).host}`, async () => {
        const { finding } = await reached;
        return finding.cure === null || !isOneThere ? finding : warning(finding.seen, finding.cure);
      }),
    ),
  );
}

const PATHS = { v3: '/v3/certificates', v2: '/pay/orderquery' } as const satisfies Record<
  Credentials['protocol'],
  string
>;

/** Any answer shows that the gateway is reached; an unsigned request is refused, and says the time all the same. */
async function reach(
  { now, outward, outboundProxy }: Reaching,
  url: string,
  path: string,
): Promise<Reached<Answering>> {
  const { origin } = new URL(url);
  const client = axios.create({
    ...{ ...outward.agents(), maxRedirects: 0, proxy: false, validateStatus: null, maxContentLength: MAX_BYTES },
    headers: { accept: 'application/json', 'user-agent': 'paysaga-doctor' },
  });
  const before = now().getTime();
  try {
    const answer = await outward.call([url], patience(), (baseURL, options) =>
      client.get(path, { baseURL, ...options }),
    );
    const after = now().getTime();
    const skewMs = skewOf(answer.headers['date'], (before + after) / 2);
    return { found: { skewMs }, finding: ok(`${origin} answers in ${after - before} ms`) };
  } catch (error) {
    const reason = reasonOf(error);
    const seen = `${origin} does not answer (${reason})`;
    return { finding: unreachable(seen, cureOf(reason, url, outboundProxy)) };
  }
}

const MAX_BYTES = 1024 * 1024;

function cureOf(reason: string, url: string, outboundProxy: OutboundProxy | undefined): string {
  const { hostname } = new URL(url);
  const proxy = proxyTo(outboundProxy, targetOf(url));
  if (isUntrusted(reason)) {
    return proxy === undefined
      ? `Look who answers for ${hostname}: the certificate is of somebody else, or of an authority that this machine does not know.`
      : `Let the proxy pass on the TLS of ${hostname} unopened: the certificate that it shows is not trusted.`;
  }
  return proxy === undefined
    ? `Let this machine reach ${hostname}: look at its DNS, firewall and certificates; a proxy is not used.`
    : `Let the proxy of PAYSAGA_OUTBOUND_PROXY reach ${hostname}.`;
}

/** The `Date` header says whole seconds: on average the moment was half of one later. */
function skewOf(date: unknown, atMs: number): number | undefined {
  const saidMs = typeof date === 'string' ? Date.parse(date) : NaN;
  return Number.isNaN(saidMs) ? undefined : atMs - (saidMs + 500);
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  for (const it of [error.cause, error]) {
    if (it instanceof Error && 'code' in it && typeof it.code === 'string') return it.code;
  }
  return error.name;
}
