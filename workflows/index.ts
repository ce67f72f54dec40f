export { order } from './order.js';
export { sweeper } from './sweeper.js';
