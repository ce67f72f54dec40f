import type { Merchant } from '../../channels/merchant.js';
import { openTunnel, ProxyRefused } from '../../channels/outward/agents.js';
import {
  authorityOf,
  proxyTo,
  shownProxy,
  targetOf,
  type OutboundProxy,
  type Target,
} from '../../channels/outward/proxy.js';
import { checksOf, failed, ok, skipped, unreachable, type CheckResult, type Finding } from '../check.js';
import type { Examination } from '../examine.js';
import { reasonOf } from './domains.js';

export type ProxyDeps = Pick<Examination, 'check' | 'isOffline'> & {
  readonly outboundProxy: OutboundProxy | undefined;
};

/** Whether the proxy is there, and lets a connection through to each domain that is reached by it. */
export async function checkProxy(deps: ProxyDeps, merchants: readonly Merchant[]): Promise<CheckResult[]> {
  const { check, isOffline, outboundProxy: proxy } = deps;
  if (proxy === undefined) return [];
  const one = checksOf(check, 'gateway', 'outbound proxy');
  if (isOffline) return [await one('reachable', () => skipped('--offline'))];
  const tunnels = targetsOf(merchants)
    .filter((target) => proxyTo(proxy, target) !== undefined)
    .map((target) => ({ target, problem: tunnelProblem(proxy, target) }));
  const problems = await Promise.all(tunnels.map(({ problem }) => problem));
  const rows = tunnels.map(({ target, problem }) =>
    one(`tunnel to ${authorityOf(target)}`, async () => judgeTunnel(target, await problem)),
  );
  return Promise.all([one('reachable', () => judgeProxy(proxy, problems)), ...rows]);
}

/** Each once. */
function targetsOf(merchants: readonly Merchant[]): readonly Target[] {
  const urls = merchants.flatMap(({ credentials }) => {
    const v2 = credentials.protocol === 'v2' ? credentials : credentials.codeScanV2;
    return [...credentials.gatewayUrls, ...(v2?.secapiUrls ?? [])];
  });
  const targets = urls.map(targetOf);
  return [...new Map(targets.map((target) => [authorityOf(target), target])).values()];
}

/** `undefined`: the tunnel was opened, and closed again. */
const tunnelProblem = (proxy: OutboundProxy, target: Target): Promise<Error | undefined> =>
  new Promise((resolve) =>
    openTunnel(proxy, target, (error, socket) => {
      socket.destroy();
      resolve(error ?? undefined);
    }),
  );

function judgeProxy(proxy: OutboundProxy, problems: readonly (Error | undefined)[]): Finding {
  const shown = shownProxy(proxy);
  const [problem] = problems;
  if (problems.length === 0) return skipped(`no merchant's domain is reached through ${shown}`);
  if (problems.some((it) => it === undefined || it instanceof ProxyRefused)) return ok(`${shown} answers`);
  return unreachable(
    `${shown} does not answer (${reasonOf(problem)})`,
    'Correct PAYSAGA_OUTBOUND_PROXY, or let this machine reach the proxy.',
  );
}

function judgeTunnel(target: Target, problem: Error | undefined): Finding {
  const authority = authorityOf(target);
  if (problem === undefined) return ok('the proxy lets it through');
  if (!(problem instanceof ProxyRefused)) return skipped('the proxy does not answer');
  const { status } = problem;
  const seen = `the proxy answers ${status}`;
  if (status === 407) {
    return failed(seen, 'Write the user and the password of the proxy into PAYSAGA_OUTBOUND_PROXY, percent-encoded.');
  }
  if (status >= 500) return failed(seen, `Let the proxy reach ${authority}: look at its DNS and firewall.`);
  return failed(
    seen,
    `Let the proxy allow CONNECT to ${authority}, or name the host in PAYSAGA_OUTBOUND_PROXY_EXCEPT.`,
  );
}
