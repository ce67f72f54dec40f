import { checkoutRoutes } from '../checkout/routes.js';
import type { Served } from '../http/app.js';
import { registerInboxCalls } from '../inbox/api/inbox.js';
import { notifyErrors, registerNotify } from '../inbox/api/notify.js';
import { registerListBulks } from '../ingress/bulk/list.js';
import { registerStartBulk } from '../ingress/bulk/start.js';
import { registerGetBulk } from '../ingress/bulk/status.js';
import { registerResendEvent } from '../ingress/events/resend.js';
import { registerOpsActions } from '../ingress/ops/actions/routes.js';
import { bulkPage } from '../ingress/ops/bulk/routes.js';
import { dashboardPage } from '../ingress/ops/dashboard/routes.js';
import { inboxPage } from '../ingress/ops/inbox/routes.js';
import { registerOpsOrder } from '../ingress/ops/order/page.js';
import { registerSearchPage } from '../ingress/ops/search/routes.js';
import { stuckPage } from '../ingress/ops/stuck/routes.js';
import { opsErrors } from '../ops/failure.js';
import type { OpsPage } from '../ops/kit/page.js';
import { opsRoutes } from '../ops/routes.js';
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
  sites: [(deps) => checkoutRoutes({ ...deps, db: deps.connection.db }), (deps) => opsRoutes(deps, OPS_PAGES)],
  errorForms: [opsErrors, notifyErrors],
  // A thousand numbers of orders.
  bodyBytes: { '/v1/bulk': 128 * 1024 },
};

/** In the order of their sections. */
const OPS_PAGES: readonly OpsPage[] = [
  dashboardPage,
  stuckPage,
  inboxPage,
  bulkPage,
  { register: registerSearchPage },
  { register: registerOpsOrder },
  { register: registerOpsActions },
];
