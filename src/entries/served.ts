import { checkoutRoutes } from '../checkout/routes.js';
import type { Served } from '../http/app.js';
import { registerListInbox } from '../inbox/api/inbox.js';
import { notifyErrors, registerNotify } from '../inbox/api/notify.js';
import { registerListBulks } from '../ingress/bulk/list.js';
import { registerStartBulk } from '../ingress/bulk/start.js';
import { registerGetBulk } from '../ingress/bulk/status.js';
import { registerResendEvent } from '../ingress/events/resend.js';
import { registerRedriveInbox } from '../ingress/inbox/redrive.js';
import { opsErrors } from '../ingress/ops/failure.js';
import { opsRoutes } from '../ingress/ops/routes.js';
import { registerOpenAttempt } from '../ingress/orders/attempts.js';
import { registerCloseOrder } from '../ingress/orders/close.js';
import { registerCreateOrder } from '../ingress/orders/create.js';
import { registerExtendOrder } from '../ingress/orders/extend.js';
import { registerReportFulfilment } from '../ingress/orders/fulfilment.js';
import { registerGetOrder } from '../ingress/orders/get.js';
import { registerListOrders } from '../ingress/orders/list.js';
import { registerRecheckOrder } from '../ingress/orders/recheck.js';
import { registerRescueOrder } from '../ingress/orders/rescue.js';
import { registerResolveOrder } from '../ingress/orders/resolve.js';
import { registerSearch } from '../search/api/search.js';
import { registerStreamOrder } from '../ingress/orders/stream.js';
import { registerSyncOrder } from '../ingress/orders/sync.js';
import { registerGetTimeline } from '../timeline/api/timeline.js';
import { registerCreateRefund } from '../ingress/refunds/create.js';
import { registerExternalRefund } from '../ingress/refunds/external.js';
import { registerGetRefund } from '../ingress/refunds/get.js';
import { registerRescueRefund } from '../ingress/refunds/rescue.js';
import { registerResolveRefund } from '../ingress/refunds/resolve.js';

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
  ],
  sites: [(deps) => checkoutRoutes({ ...deps, db: deps.connection.db }), (deps) => opsRoutes(deps)],
  errorForms: [opsErrors, notifyErrors],
  // A thousand numbers of orders.
  bodyBytes: { '/v1/bulk': 128 * 1024 },
};
