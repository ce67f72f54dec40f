import { Hono, type MiddlewareHandler } from 'hono';
import { setMaxListeners } from 'node:events';
import { isUnavailable } from '../db/failure.js';
import { describeError } from '../base/describe-error.js';
import type { IngressEnv } from '../http/kit/route.js';
import { isInWechat, languageOf, refuse } from './access.js';
import { assetRoutes } from './assets.js';
import type { CheckoutDeps } from './deps.js';
import { NoticePage } from './document.js';
import { getPage } from './get-page.js';
import { getStream } from './get-stream.js';
import { postSync } from './post-sync.js';
import { createRenewal } from './renewal.js';

/** The payer's page, its live status and its button, all under `/pay/`. Mount at the root of the application. */
export function checkoutRoutes(deps: CheckoutDeps): Hono<IngressEnv> {
  // Every open stream listens for the stop; Node takes more than ten for a leak.
  if (deps.stopping !== undefined) setMaxListeners(0, deps.stopping);
  const renew = createRenewal(deps);
  const routes = new Hono<IngressEnv>();
  routes.use('/pay/*', pageHeaders);
  routes.route('/', assetRoutes());
  routes.get('/pay/:orderNo', getPage(deps, renew));
  routes.get('/pay/:orderNo/stream', getStream(deps, renew));
  routes.post('/pay/:orderNo/sync', postSync(deps));
  routes.onError((error, c) => {
    const isKnown = isUnavailable(error);
    const line = { requestId: c.get('requestId'), error: describeError(error) };
    deps.log[isKnown ? 'warn' : 'error'](line, 'a checkout request failed');
    if (isKnown) c.header('Retry-After', '5');
    if (c.req.header('Accept')?.includes('text/html') !== true)
      return refuse(c, isKnown ? 'unavailable' : 'internal_error');
    // From `/pay/<orderNo>/sync` the assets are one folder up.
    const base = /\/pay\/[^/]+\/[^/]+$/.test(c.req.path) ? '../' : '';
    const notice = isKnown ? 'unavailable' : 'failed';
    return c.html(<NoticePage language={languageOf(c)} notice={notice} base={base} />, isKnown ? 503 : 500);
  });
  return routes;
}

/**
 * Everything comes from our own origin and nothing is inline. The Referer carries the origin, which H5 payment checks, and
 * never the token.
 */
const pageHeaders: MiddlewareHandler<IngressEnv> = async (c, next) => {
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
