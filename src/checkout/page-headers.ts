import type { MiddlewareHandler } from 'hono';
import type { IngressEnv } from '../http/kit/route.js';
import { isInWechat } from './wechat-browser.js';

/**
 * Everything comes from our own origin and nothing is inline. The Referer carries the origin, which H5 payment checks, and
 * never the token.
 */
export const pageHeaders: MiddlewareHandler<IngressEnv> = async (c, next) => {
  await next();
  c.header('Content-Security-Policy', contentSecurityPolicy(isInWechat(c)));
  c.header('Referrer-Policy', 'strict-origin');
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('X-Frame-Options', 'DENY');
  c.header('X-Robots-Tag', 'noindex, nofollow');
  if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
};

/** WeChat's own browser lends the page its bridge through frames of these schemes. */
const WECHAT_FRAMES = 'frame-src weixin: weixinping: weixinpreinject:';

function contentSecurityPolicy(inWechat: boolean): string {
  const self = ['script-src', 'style-src', 'img-src', 'connect-src', 'form-action'].map((name) => `${name} 'self'`);
  const policy = ["default-src 'none'", ...self, "base-uri 'none'", "frame-ancestors 'none'"];
  return [...policy, ...(inWechat ? [WECHAT_FRAMES] : [])].join('; ');
}
