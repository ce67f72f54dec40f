import { registerApprovals } from '../approvals/api/calls.js';
import { approvalsPage } from '../approvals/page/routes.js';
import { checkoutRoutes } from '../checkout/routes.js';
import type { Served } from '../http/app.js';
import { registerInboxCalls } from '../inbox/api/inbox.js';
import { notifyErrors, registerNotify } from '../inbox/api/notify.js';
import { registerBulkCalls } from '../bulk/api/calls.js';
import { registerResendEvent } from '../shop-events/api/events.js';
import { registerEventLog } from '../shop-events/api/log.js';
import { registerTestEvent } from '../shop-events/api/test-event.js';
import { registerOrderWebhooks } from '../shop-events/api/webhooks.js';
import { registerOpsActions } from '../decisions/page/routes.js';
import { bulkPage } from '../bulk/page/routes.js';
import { dashboardPage } from '../figures/page/routes.js';
import { inboxPage } from '../inbox/page/routes.js';
import { registerOpsOrder } from '../orders/page/page.js';
import { reconciliationPage } from '../reconciliation/page/routes.js';
import { ordersPage } from '../search/page/orders.js';
import { registerOpsRefunds } from '../search/page/refunds.js';
import { registerSearchPage } from '../search/page/search.js';
import { stuckPage } from '../orders/page/stuck-page.js';
import { opsErrors } from '../ops/failure.js';
import type { OpsPage } from '../ops/kit/page.js';
import { opsRoutes } from '../ops/routes.js';
import { registerCreateOrder } from '../orders/api/create.js';
import { registerGetOrder } from '../timeline/api/order-detail.js';
import { registerListOrders } from '../orders/api/list.js';
import { registerOperatorCalls } from '../orders/api/operator-calls.js';
import { registerShopCalls } from '../orders/api/shop-calls.js';
import { registerSearch } from '../search/api/search.js';
import { registerGetTimeline } from '../timeline/api/timeline.js';
import { registerRefundOperatorCalls } from '../refunds/api/operator-calls.js';
import { registerListRefunds } from '../refunds/api/list.js';
import { registerRefundCalls } from '../refunds/api/shop-calls.js';
import { registerDays } from '../reconciliation/api/days.js';
import { registerDayEvents } from '../reconciliation/api/events.js';
import { registerDiscrepancies } from '../reconciliation/api/discrepancies.js';
import { registerLines } from '../reconciliation/api/lines.js';
import { registerDayWebhooks } from '../reconciliation/api/webhooks.js';
import { statementsPage } from '../statements/page/routes.js';
import { registerStatement } from '../statements/api/statement.js';

/** All that an ingress serves; the API's calls in the order of `/openapi.json`. */
export const served: Served = {
  keyless: [registerNotify],
  ofAllMerchants: [registerSearch],
  ofOneMerchant: [
    registerCreateOrder,
    registerListOrders,
    registerGetOrder,
    registerGetTimeline,
    registerShopCalls,
    registerListRefunds,
    registerRefundCalls,
    registerApprovals,
    registerOperatorCalls,
    registerRefundOperatorCalls,
    registerEventLog,
    registerTestEvent,
    registerResendEvent,
    registerInboxCalls,
    registerBulkCalls,
    registerDays,
    registerLines,
    registerDayEvents,
    registerDiscrepancies,
    registerStatement,
  ],
  webhooks: [registerOrderWebhooks, registerDayWebhooks],
  sites: [(deps) => checkoutRoutes({ ...deps, db: deps.connection.db }), (deps) => opsRoutes(deps, OPS_PAGES)],
  errorForms: [opsErrors, notifyErrors],
  // A bulk names up to 1,000 orders, an order its goods.
  bodyBytes: { '/v1/bulk': 128 * 1024, '/v1/orders': 256 * 1024 },
};

const OPS_PAGES: readonly OpsPage[] = [
  dashboardPage,
  ordersPage,
  stuckPage,
  approvalsPage,
  inboxPage,
  bulkPage,
  reconciliationPage,
  statementsPage,
  { register: registerOpsRefunds },
  { register: registerSearchPage },
  { register: registerOpsOrder },
  { register: registerOpsActions },
];
