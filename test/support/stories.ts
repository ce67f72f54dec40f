import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { type OrderNo } from '../../src/base/ids.js';
import { bulkStories } from './bulk-stories.js';
import { chargeStories } from './charge-stories.js';
import { dayStories } from './day-stories.js';
import { completedTasks, eventsOf } from './history.js';
import { resetTo } from './reset.js';
import { pollBegun, polledOrder } from './resume-later.js';
import { refundStories } from './refund-stories.js';
import type { Saga } from './saga.js';
import { ended, type Story } from './story.js';

/** Every path that stored histories must cover, by the name of its file. */
export const stories: Readonly<Record<string, Story>> = {
  happy: async (saga) => ended(saga, await paidOrder(saga)),

  'durable-path': async (saga) => {
    const orderNo = saga.newOrderNo();
    const once = { kind: 'http500', outTradeNo: orderNo } as const;
    await saga.gateway.fault({ on: 'prepay', ...once }, { on: 'query', ...once });
    await saga.createOrder({ orderNo });
    await saga.gateway.pay(orderNo);
    return ended(saga, orderNo);
  },

  closed: async (saga) => {
    const { orderNo } = await saga.createOrder();
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    return ended(saga, orderNo);
  },

  'closed-on-the-second-try': async (saga) => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'close', kind: 'http500', outTradeNo: orderNo });
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    return ended(saga, orderNo);
  },

  cancelled: async (saga) => {
    const { orderNo } = await saga.createOrder();
    await saga.workflow(orderNo).cancel();
    return ended(saga, orderNo);
  },

  rejected: async (saga) => {
    const orderNo = saga.newOrderNo();
    const refusal = { kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false } as const;
    await saga.gateway.fault({ on: 'prepay', ...refusal, outTradeNo: orderNo, times: 0 });
    await saga.createOrder({ orderNo });
    return ended(saga, orderNo);
  },

  'merchant-config-repaired': async (saga) => {
    const orderNo = saga.newOrderNo();
    const refusal = { kind: 'error', status: 403, code: 'NO_AUTH', effect: false } as const;
    await saga.gateway.fault({ on: 'prepay', ...refusal, outTradeNo: orderNo, times: 0 });
    await saga.createOrder({ orderNo });
    await saga.gateway.repair();
    await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
    await saga.gateway.pay(orderNo);
    return ended(saga, orderNo);
  },

  'two-attempts': async (saga) => {
    const { orderNo } = await saga.createOrder();
    await openJsapi(saga, orderNo);
    await saga.gateway.pay(nthOutTradeNo(orderNo, 2));
    return ended(saga, orderNo);
  },

  'in-doubt': async (saga) => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'query', kind: 'stale', outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    return ended(saga, orderNo);
  },

  'extended-and-synced': async (saga) => {
    const { orderNo } = await saga.createOrder();
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await saga.call('POST', `/v1/orders/${orderNo}/extend`, { until, reason: 'a slow payer' }, saga.operatorKey);
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    await saga.call('POST', `/v1/orders/${orderNo}/sync`);
    return ended(saga, orderNo);
  },

  review: async (saga) => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'notify', kind: 'wrongAmount', outTradeNo: orderNo });
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    return saga.workflow(orderNo);
  },

  /** Its history is of a build that refused the decision. */
  'own-money-refused': async (saga) => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.foreignTrade({ outTradeNo: nthOutTradeNo(orderNo, 2), totalFen: 777, state: 'SUCCESS' });
    await saga.call('POST', `/v1/orders/${orderNo}/attempts`, { product: 'h5', clientIp: '203.0.113.7' });
    await saga.orderWhen(orderNo, ({ reviewReason }) => reviewReason === 'number_in_use');
    await saga.gateway.pay(nthOutTradeNo(orderNo, 1), { force: true });
    await saga.orderWhen(orderNo, ({ attempts }) => attempts[0]?.paidFen === 1200);
    const decision = { action: 'accept', reason: 'test' };
    await saga.call('POST', `/v1/orders/${orderNo}/resolve?mchid=${saga.mchid}`, decision, saga.operatorKey);
    return saga.workflow(orderNo);
  },

  'paid-late-and-resumed': async (saga) => {
    const { orderNo } = await saga.createOrder({ policy: { latePayment: 'review' } });
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    await ended(saga, orderNo);
    await saga.gateway.pay(orderNo, { force: true });
    await saga.orderWhen(orderNo, ({ state }) => state === 'review');
    return saga.workflow(orderNo);
  },

  'poll-in-flight': async (saga) => saga.workflow(await polledOrder(saga)),

  polled: async (saga) => {
    const orderNo = await polledOrder(saga);
    await saga.gateway.pay(orderNo);
    return ended(saga, orderNo);
  },

  'polled-then-closed': async (saga) => {
    const orderNo = await polledOrder(saga);
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    return ended(saga, orderNo);
  },

  'polled-at-its-pace': async (saga) => {
    const { orderNo } = await saga.createOrder();
    await pollBegun(saga, orderNo);
    await saga.gateway.pay(orderNo);
    return ended(saga, orderNo);
  },

  'polled-at-its-pace-after-a-load': async (saga) => {
    const orderNo = await polledOrder(saga);
    await saga.gateway.pay(orderNo);
    return ended(saga, orderNo);
  },

  reset: async (saga) => {
    const orderNo = await paidOrder(saga);
    await ended(saga, orderNo);
    const tasks = completedTasks(await eventsOf(saga.workflow(orderNo)));
    await resetTo(saga, orderNo, tasks.at(-1));
    return ended(saga, orderNo);
  },

  ...chargeStories,
  ...refundStories,
  ...bulkStories,
  ...dayStories,
};

async function paidOrder(saga: Saga): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  return orderNo;
}

async function openJsapi(saga: Saga, orderNo: OrderNo): Promise<void> {
  const jsapi = { product: 'jsapi', payer: { openid: 'o-payer' } };
  await saga.call('POST', `/v1/orders/${orderNo}/attempts`, jsapi);
}
