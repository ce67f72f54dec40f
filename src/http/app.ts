import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { requestId } from 'hono/request-id';
import { authenticate, chooseMerchant, DEFAULT_RATE_LIMIT, rateLimit } from './auth.js';
import { registerDocs } from './docs.js';
import { door, pathOf } from './door.js';
import { allowedMethods, invalidInput, onError, onlyErrors, onNotFound } from './errors.js';
import { registerHealth } from './health.js';
import { jsonBody } from './kit/body.js';
import { createStreamSeats, STREAMS_PER_KEY } from './kit/event-stream.js';
import type { ErrorForm } from './kit/problem.js';
import type { IngressDeps, IngressEnv, Route } from './kit/route.js';
import { countingStreams, createNotifyCounters, openMetrics, registerMetrics } from './metrics.js';
import { registerOpenApi } from './openapi.js';
import { requestLog } from './request-log.js';

/** What the features bring, in the order of the documentation. */
export type Served = {
  /** WeChat Pay's calls. */
  readonly keyless: readonly Route[];
  /** Calls under `/v1` about every merchant of the key. */
  readonly ofAllMerchants: readonly Route[];
  /** Calls under `/v1` about one merchant. */
  readonly ofOneMerchant: readonly Route[];
  /** What the shop is told, for the documentation alone. */
  readonly webhooks: readonly Route[];
  readonly sites: readonly ((deps: IngressDeps) => Hono<IngressEnv>)[];
  /** Paths below which an error is not told as a problem. */
  readonly errorForms: readonly ErrorForm[];
  /** By path, where {@link BODY_BYTES} are too few. */
  readonly bodyBytes: Readonly<Record<string, number>>;
};

const BODY_BYTES = 16 * 1024;

/** The whole HTTP face of PaySaga: the merchants' and operators' API, WeChat Pay's notifies, and the pages. */
export function createApp(given: IngressDeps, served: Served): OpenAPIHono<IngressEnv> {
  const notifyCounters = given.notifyCounters ?? createNotifyCounters();
  const metrics = openMetrics(given, notifyCounters);
  const log = given.log.child({}, { redact: NEVER_LOGGED });
  const changes = countingStreams(given.changes, metrics);
  const takeStreamSeat = createStreamSeats(given.streamsPerKey ?? STREAMS_PER_KEY);
  const deps = { ...given, log, metrics, notifyCounters, changes, takeStreamSeat };
  const errors = { log, forms: served.errorForms };
  const app = new OpenAPIHono<IngressEnv>({
    getPath: pathOf,
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.target, result.error.issues);
    },
  });
  app.onError(onError(errors));
  app.notFound(onNotFound(errors));
  app.use(
    requestId({ limitLength: SHORTER_THAN_A_KEY }),
    requestLog(log, metrics),
    securityHeaders(),
    door(deps),
    allowedMethods(app, errors),
    onlyErrors(),
  );
  registerHealth(app, deps);
  registerMetrics(app, metrics);
  for (const register of served.keyless) register(app, deps);
  app.use('/v1/*', authenticate(deps.connection.db));
  app.use(
    '/v1/*',
    rateLimit(deps.rateLimit ?? DEFAULT_RATE_LIMIT, deps.now),
    jsonBody((path) => served.bodyBytes[path] ?? BODY_BYTES),
  );
  // Before what refuses a call that names no merchant.
  for (const register of served.ofAllMerchants) register(app, deps);
  app.use('/v1/*', chooseMerchant());
  for (const register of served.ofOneMerchant) register(app, deps);
  for (const register of served.webhooks) register(app, deps);
  for (const site of served.sites) app.route('/', site(deps));
  registerOpenApi(app);
  registerDocs(app);
  return app;
}

/** A caller's request id is answered and logged as it came. */
const SHORTER_THAN_A_KEY = 60;

/** Fields that are censored in every log line. */
const NEVER_LOGGED = ['authorization', 'openid', 'body', 'rawBody', 'headers', 'payer'].flatMap((field) => [
  field,
  `*.${field}`,
]);

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
} as const;

/** The strictest headers; a handler's own stand. */
const securityHeaders = () =>
  createMiddleware<IngressEnv>(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
