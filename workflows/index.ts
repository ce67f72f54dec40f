export { bulk } from './bulk.js';
export { event } from './event.js';
export { order } from './order.js';
export { refund } from './refund.js';
export { sweeper } from './sweeper.js';
