import type { Merchant } from '../../../channels/merchant.js';
import { failed, ok, warning, type Finding } from '../finding.js';
import { isLoopback } from '../../../channels/safe-url.js';

/** WeChat Pay takes a notify_url of 255 characters at most. */
const MAX_CHARACTERS = 255;

export const notifyUrlOf = (publicUrl: string, mchid: string): string => `${publicUrl}/notify/wechatpay/v3/${mchid}`;

/** What WeChat Pay is told with each prepay and refund. */
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
