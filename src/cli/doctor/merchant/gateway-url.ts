import { failed, ok, warning, type Finding } from '../finding.js';
import { isLoopback } from '../../../channels/safe-url.js';
import type { Place } from './entry.js';

const WECHAT_PAY: readonly string[] = ['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com', 'api2.wechatpay.cn'];

export function checkGatewayUrl({ entry }: Place): Finding {
  const { gatewayUrl } = entry;
  const cure = 'Set gatewayUrl to https://api.mch.weixin.qq.com, or to a sandbox on this machine.';
  if (gatewayUrl === undefined || !URL.canParse(gatewayUrl)) return failed('gatewayUrl is not a URL', cure);
  const { protocol, hostname, pathname, origin } = new URL(gatewayUrl);
  if (isLoopback(hostname)) return ok(`${origin}, a sandbox: no real money`);
  if (protocol !== 'https:') return failed(`${origin} is not https`, cure);
  if (!WECHAT_PAY.includes(hostname)) return warning(`${hostname} is not WeChat Pay`, cure);
  if (pathname !== '/') return failed('gatewayUrl has a path', cure);
  return ok(origin);
}
