import { isMixed } from '../../channels/gateway-urls.js';
import { isLoopback, isWechatPay } from '../../channels/safe-url.js';
import { failed, ok, skipped, warning, type Finding } from '../check.js';
import type { Place } from './entry.js';

export function checkGatewayUrl({ entry: { gatewayUrl, gatewayUrls } }: Place): Finding {
  if (gatewayUrls === undefined) return checkAddress('gatewayUrl', gatewayUrl);
  const cure = 'Name the domains of one WeChat Pay in gatewayUrls, at most four, and leave gatewayUrl out.';
  if (gatewayUrl !== undefined) return failed('gatewayUrl and gatewayUrls are both given', cure);
  if (gatewayUrls.length === 0) return failed('gatewayUrls is empty', cure);
  if (isMixed(gatewayUrls)) return failed('gatewayUrls mixes WeChat Pay with something else', cure);
  const found = gatewayUrls.map((url, index) => checkAddress(`gatewayUrls[${index}]`, url));
  return found.find(({ status }) => status !== 'ok') ?? ok(found.map(({ seen }) => seen).join(', then '));
}

/** Over plain http there is no certificate to show, and all that is said there is refused. */
export function checkSecapiUrl({ entry }: Place): Finding {
  const { secapiUrl } = entry;
  const url = secapiUrl ?? gatewayUrlIn(entry);
  if (url?.startsWith('http:') === true) {
    return warning(
      'refunds and fund-flow bills go where no client certificate is shown, over http',
      'Set secapiUrl to the https address that takes the client certificate; of a sandbox, GET /sandbox/merchant tells it.',
    );
  }
  return secapiUrl === undefined ? skipped('none given: gatewayUrl is used') : checkAddress('secapiUrl', secapiUrl);
}

/** Of several the first. */
export const gatewayUrlIn = ({ gatewayUrl, gatewayUrls }: Place['entry']): string | undefined =>
  gatewayUrl ?? gatewayUrls?.[0];

function checkAddress(setting: string, url: string | undefined): Finding {
  const cure = `Set ${setting} to https://api.mch.weixin.qq.com, or to a sandbox on this machine.`;
  if (url === undefined || !URL.canParse(url)) return failed(`${setting} is not a URL`, cure);
  const { protocol, hostname, pathname, origin } = new URL(url);
  if (isLoopback(hostname)) return ok(`${origin}, a sandbox: no real money`);
  if (protocol !== 'https:') return failed(`${origin} is not https`, cure);
  if (!isWechatPay(url)) return warning(`${hostname} is not WeChat Pay`, cure);
  if (pathname !== '/') return failed(`${setting} has a path`, cure);
  return ok(origin);
}
