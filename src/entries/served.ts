import { checkoutRoutes } from '../checkout/routes.js';
import type { Served } from '../http/app.js';
import { registerInboxCalls } from '../inbox/api/inbox.js';
import { notifyErrors, registerNotify } from '../inbox/api/notify.js';
import { registerListBulks } from '../ingress/bulk/list.js';
import { registerStartBulk } from '../ingress/bulk/start.js';
import { registerGetBulk } from '../ingress/bulk/status.js';
import { registerResendEvent } from '../ingress/events/resend.js';
import { opsErrors } from '../ingress/ops/failure.js';
import { opsRoutes } from '../ingress/ops/routes.js';
import { registerOpenAttempt } from '../ingress/orders/attempts.js';
import { registerCreateOrder } from '../ingress/orders/create.js';
import { registerGetOrder } from '../ingress/orders/get.js';
import { registerListOrders } from '../ingress/orders/list.js';
import { registerOperatorCalls } from '../ingress/orders/operator-calls.js';
import { registerShopCalls } from '../ingress/orders/shop-calls.js';
import { registerSearch } from '../search/api/search.js';
import { registerStreamOrder } from '../ingress/orders/stream.js';
import { registerGetTimeline } from '../timeline/api/timeline.js';
import { registerRefundOperatorCalls } from '../ingress/refunds/operator-calls.js';
import { registerRefundCalls } from '../ingress/refunds/shop-calls.js';

/** All that an ingress serves; the API's calls in the order of `/openapi.json`. */
export const served: Served = {
  keyless: [registerNotify],
  ofAllMerchants: [registerSearch],
  ofOneMerchant: [
    registerCreateOrder,
    registerListOrders,
    registerGetOrder,
    registerGetTimeline,
    registerOpenAttempt,
    registerShopCalls,
    registerStreamOrder,
    registerRefundCalls,
    registerOperatorCalls,
    registerRefundOperatorCalls,
    registerResendEvent,
    registerInboxCalls,
    registerStartBulk,
    registerListBulks,
    registerGetBulk,
  ],
  sites: [(deps) => checkoutRoutes({ ...deps, db: deps.connection.db }), (deps) => opsRoutes(deps)],
  errorForms: [opsErrors, notifyErrors],
  // A thousand numbers of orders.
  bodyBytes: { '/v1/bulk': 128 * 1024 },
};
