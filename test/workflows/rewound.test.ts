import { afterEach, beforeEach, expect, it } from 'vitest';
import { completedTasks, eventsOf } from '../support/history.js';
import { resetTo } from '../support/reset.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
beforeEach(() => shop.answer(204));
afterEach(() => saga.gateway.repair());

/** As a crash before the end of a task: what was written is written, and the run does not know it. */
async function rewind(orderNo: Parameters<typeof resetTo>[1]): Promise<void> {
  await resetTo(saga, orderNo, completedTasks(await eventsOf(saga.workflow(orderNo)))[0]);
}

it('a run that forgot that it closed the order returns the money that comes, as of any closed order', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.call('POST', `/v1/orders/${orderNo}/close`);
  await saga.workflow(orderNo).result();
  await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
  await saga.gateway.pay(orderNo, { force: true });
  await rewind(orderNo);
  await saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
  const order = await saga.orderWhen(orderNo, ({ state, refunds }) => state === 'paid' || refunds.length > 0);
  expect(order).toMatchObject({ state: 'closed', closedReason: 'cancelled', paidFen: 0 });
  expect(order.refunds).toMatchObject([{ refundNo: `${orderNo}@return`, amountFen: 1200, cause: 'late_payment' }]);
  expect(shop.of(orderNo).map(({ type }) => type)).not.toContain('order.paid');
});

it('a run that forgot that the order is paid takes what the shop says of its goods once it knows again', async () => {
  const fulfilment = { required: true, deadlineSeconds: 3_600 };
  const { orderNo } = await saga.createOrder({ policy: { fulfilment } });
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  await saga.stopWorkers();
  await rewind(orderNo);
  const reported = saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome: 'rejected' });
  await saga.startWorkers();
  const answer = await reported;
  expect([answer.status, answer.body.fulfilment]).toEqual([200, 'rejected']);
  await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 1200);
});
