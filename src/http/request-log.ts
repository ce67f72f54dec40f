import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes, routePath } from 'hono/route';
import type { Logger } from 'pino';
import type { IngressMetrics } from '../metrics/ingress.js';
import { withoutKeys } from './kit/actor.js';
import type { IngressEnv } from './kit/route.js';

/** One line a request, and its metrics. The route stands for the path and its query, where a checkout link has its token. */
export const requestLog = (log: Logger, metrics: Pick<IngressMetrics, 'answered'>) =>
  createMiddleware<IngressEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    const route = routeOf(c);
    // `get` is typed as set: these are absent where authentication did not get that far.
    const { actor, operator, mchid, errorCode, about } = c.var as Partial<typeof c.var>;
    const { method } = c.req;
    const { status } = c.res;
    const durationMs = performance.now() - startedAt;
    metrics.answered({ method, route, status, durationMs, code: errorCode });
    const named = (param: string) => withoutKeys(c.req.param(param) ?? '') || undefined;
    const line = {
      requestId: c.get('requestId'),
      method,
      route,
      status,
      durationMs: Math.round(durationMs * 10) / 10,
      bytesIn: bytesOf(c.req.header('content-length')),
      mchid: mchid ?? named('mchid'),
      orderNo: named('orderNo'),
      refundNo: named('refundNo'),
      id: named('id'),
      action: named('action'),
      keyId: (actor ?? operator)?.keyId,
      code: errorCode,
      ...about,
    };
    if (isProbe(route) && status < 400) log.debug(line, 'request');
    else log.info(line, 'request');
  });

/** The first handler's route; middleware is registered for `ALL`. */
const routeOf = (c: Context): string =>
  matchedRoutes(c).find(({ method }) => method !== 'ALL')?.path ?? routePath(c, -1);

const isProbe = (route: string): boolean => ['/healthz', '/readyz', '/metrics'].includes(route);

const bytesOf = (length: string | undefined): number | undefined =>
  length !== undefined && /^[0-9]{1,15}$/.test(length) ? Number(length) : undefined;
