export { bulk } from './bulk/bulk.js';
export { event } from './shop-events/event.js';
export { order } from './orders/order.js';
export { reconciliation } from './reconciliation/reconciliation.js';
export { refund } from './refunds/refund.js';
export { sweeper } from './sweeper.js';
