import { OpenAPIHono } from '@hono/zod-openapi';
import { requestId } from 'hono/request-id';
import { authenticate, chooseMerchant } from './auth/authenticate.js';
import { DEFAULT_RATE_LIMIT, rateLimit } from './auth/rate-limit.js';
import { registerListBulks } from './bulk/list.js';
import { registerStartBulk } from './bulk/start.js';
import { registerGetBulk } from './bulk/status.js';
import { checkoutRoutes } from '../checkout/routes.js';
import type { IngressDeps } from './deps.js';
import { door, pathOf } from './door.js';
import { registerDocs } from './docs/docs.js';
import { registerOpenApi } from './docs/openapi.js';
import type { IngressEnv } from './env.js';
import { registerResendEvent } from './events/resend.js';
import { registerHealth } from './health.js';
import { registerListInbox } from './inbox/list.js';
import { registerRedriveInbox } from './inbox/redrive.js';
import { invalidInput } from './invalid-input.js';
import { jsonBody } from './json-body.js';
import { allowedMethods } from './methods.js';
import { countingStreams, openMetrics, registerMetrics } from './metrics.js';
import { createNotifyCounters } from './notify/counters.js';
import { registerNotify } from './notify/notify.js';
import { onError, onlyErrors, onNotFound } from './on-error.js';
import { opsRoutes } from './ops/routes.js';
import { registerOpenAttempt } from './orders/attempts.js';
import { registerCloseOrder } from './orders/close.js';
import { registerCreateOrder } from './orders/create.js';
import { registerExtendOrder } from './orders/extend.js';
import { registerReportFulfilment } from './orders/fulfilment.js';
import { registerGetOrder } from './orders/get.js';
import { registerListOrders } from './orders/list.js';
import { registerRecheckOrder } from './orders/recheck.js';
import { registerRescueOrder } from './orders/rescue.js';
import { registerResolveOrder } from './orders/resolve.js';
import { registerStreamOrder } from './orders/stream.js';
import { registerSyncOrder } from './orders/sync.js';
import { registerCreateRefund } from './refunds/create.js';
import { registerGetRefund } from './refunds/get.js';
import { registerExternalRefund } from './refunds/external.js';
import { registerRescueRefund } from './refunds/rescue.js';
import { registerResolveRefund } from './refunds/resolve.js';
import { requestLog } from './request-log.js';
import { registerSearch } from './search/get.js';
import { securityHeaders } from './security-headers.js';
import { registerGetTimeline } from './timeline/get.js';

const BODY_BYTES = 16 * 1024;
/** A thousand numbers of orders. */
const BULK_BODY_BYTES = 128 * 1024;
const bodyBytes = (path: string): number => (path === '/v1/bulk' ? BULK_BODY_BYTES : BODY_BYTES);

/** The whole HTTP face of PaySaga: the merchants' and operators' API, WeChat Pay's notifies, and the checkout page. */
export function createApp(given: IngressDeps): OpenAPIHono<IngressEnv> {
  const notifyCounters = given.notifyCounters ?? createNotifyCounters();
  const metrics = openMetrics(given, notifyCounters);
  const log = given.log.child({}, { redact: NEVER_LOGGED });
  const deps = { ...given, log, changes: countingStreams(given.changes, metrics) };
  const app = new OpenAPIHono<IngressEnv>({
    getPath: pathOf,
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.target, result.error.issues);
    },
  });
  app.onError(onError(deps.log));
  app.notFound(onNotFound(deps.log));
  app.use(
    requestId({ limitLength: 64 }),
    requestLog(deps.log, metrics),
    securityHeaders(),
    door(deps),
    allowedMethods(app, deps.log),
    onlyErrors(),
  );
  registerHealth(app, deps);
  registerMetrics(app, metrics);
  registerNotify(app, { ...deps, counters: notifyCounters, metrics });
  app.use('/v1/*', authenticate(deps.connection.db));
  app.use('/v1/*', rateLimit(deps.rateLimit ?? DEFAULT_RATE_LIMIT, deps.now), jsonBody(bodyBytes));
  // Before what refuses a call that names no merchant.
  registerSearch(app, deps);
  app.use('/v1/*', chooseMerchant());
  for (const register of V1) register(app, deps);
  app.route('/', checkoutRoutes({ ...deps, db: deps.connection.db }));
  app.route('/', opsRoutes(deps));
  registerOpenApi(app);
  registerDocs(app);
  return app;
}

const V1 = [
  registerCreateOrder,
  registerListOrders,
  registerGetOrder,
  registerGetTimeline,
  registerOpenAttempt,
  registerSyncOrder,
  registerCloseOrder,
  registerStreamOrder,
  registerReportFulfilment,
  registerCreateRefund,
  registerGetRefund,
  registerRecheckOrder,
  registerExtendOrder,
  registerResolveOrder,
  registerExternalRefund,
  registerRescueOrder,
  registerRescueRefund,
  registerResolveRefund,
  registerResendEvent,
  registerListInbox,
  registerRedriveInbox,
  registerStartBulk,
  registerListBulks,
  registerGetBulk,
];

/** No line names any of these; should one ever come in by a careless field, it is blotted out. */
const NEVER_LOGGED = ['authorization', 'openid', 'body', 'rawBody', 'headers', 'payer'].flatMap((field) => [
  field,
  `*.${field}`,
]);
