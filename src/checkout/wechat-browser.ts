import type { Context } from 'hono';
import type { IngressEnv } from '../http/kit/route.js';

/** Whether the page is opened in WeChat's own browser, where JSAPI works and H5 payment does not. */
export function isInWechat(c: Context<IngressEnv>): boolean {
  return /\bMicroMessenger\//i.test(c.req.header('User-Agent') ?? '');
}
