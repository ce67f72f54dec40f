import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { IngressEnv } from './env.js';

/**
 * One wide line a request. Names what was asked by its route, never by its query (a checkout link's token is there), and
 * holds no header and no body.
 */
export const requestLog = (log: Logger) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    const route = routePath(c, -1);
    // `get` is typed as set: these are absent where authentication did not get that far.
    const { actor, operator, mchid, errorCode } = c.var as Partial<typeof c.var>;
    const line = {
      requestId: c.get('requestId'),
      method: c.req.method,
      route,
      status: c.res.status,
      durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
      mchid: mchid ?? c.req.param('mchid'),
      orderNo: c.req.param('orderNo'),
      refundNo: c.req.param('refundNo'),
      keyId: (actor ?? operator)?.keyId,
      code: errorCode,
    };
    if (isProbe(route) && c.res.status < 400) log.debug(line, 'request');
    else log.info(line, 'request');
  });

const isProbe = (route: string): boolean => route === '/healthz' || route === '/readyz';
