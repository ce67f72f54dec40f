import type { WorkflowHandle } from '@temporalio/client';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { eventsOf, pendingActivities } from '../support/history.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
let sql: postgres.Sql;
beforeAll(() => {
  sql = postgres(saga.databaseUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
});

/** Postgres refuses these rows of one order for as long as this stands. */
async function refuse(table: string, orderNo: OrderNo, when: string): Promise<{ repaired: () => Promise<unknown> }> {
  const name = `refused_${table}_${orderNo.replaceAll('-', '_')}`;
  await sql.unsafe(
    `alter table ${table} add constraint "${name}" check (order_no <> '${orderNo}' or not (${when})) not valid`,
  );
  return { repaired: () => sql.unsafe(`alter table ${table} drop constraint "${name}"`) };
}

const recheck = (orderNo: OrderNo) =>
  saga.call('POST', `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`, { reason: 'repaired' }, saga.operatorKey);

const isNotWritten = ({ stuckReason }: { stuckReason: string | null }): boolean => stuckReason === 'not_written';

it.each([
  ['orders', `state = 'paid'`],
  ['attempts', 'paid_fen > 0'],
  ['merchant_events', `type = 'order.paid'`],
])('a payment that Postgres refuses in %s is told, and written once the cause is gone', async (table, when) => {
  const { orderNo } = await saga.createOrder();
  const { repaired } = await refuse(table, orderNo, when);
  await saga.gateway.pay(orderNo);
  const stuck = await saga.orderWhen(orderNo, isNotWritten);
  expect(stuck).toMatchObject({ state: 'awaitingPayment', paidFen: 0, stuckReason: 'not_written' });
  const { explain } = (await saga.call('GET', `/v1/orders/${orderNo}`)).body;
  expect(explain).toMatchObject({ waitingFor: 'written', actor: 'operator' });
  // Asked again while the cause stands, it is refused again.
  await recheck(orderNo);
  expect(isNotWritten(await saga.order(orderNo))).toBe(true);

  await repaired();
  await recheck(orderNo);
  await saga.orderWhen(orderNo, (order) => order.state === 'paid' && order.stuckReason === null);
  await saga.workflow(orderNo).result();
});

it.each([
  ['evidence', `source = 'query'`],
  ['gateway_calls', `api = 'query'`],
])('an answer that Postgres refuses to keep in %s is told, and asked for again', async (table, when) => {
  const { orderNo } = await saga.createOrder();
  const { repaired } = await refuse(table, orderNo, when);
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, isNotWritten);
  await repaired();
  await recheck(orderNo);
  await saga.orderWhen(orderNo, (order) => order.state === 'paid' && order.stuckReason === null);
});

it('codes that Postgres refuses to keep are told, and had again', async () => {
  const orderNo = saga.newOrderNo();
  const { repaired } = await refuse('attempts', orderNo, 'code_url is not null');
  expect((await saga.createOrder({ orderNo })).status).toBe(202);
  await saga.orderWhen(orderNo, isNotWritten);
  await repaired();
  await recheck(orderNo);
  await saga.orderWhen(orderNo, (order) => order.state === 'awaitingPayment' && order.stuckReason === null);
});

it.each([
  ['refunds', `state = 'succeeded'`],
  ['merchant_events', `type = 'refund.succeeded'`],
])(
  'a refund that Postgres refuses in %s is told by its order, and written once the cause is gone',
  async (table, when) => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    const { repaired } = await refuse(table, orderNo, when);
    const refundNo = `R-${orderNo}`;
    await saga.call('POST', `/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 500 });
    await saga.orderWhen(orderNo, isNotWritten);
    expect((await saga.refund(refundNo)).state).not.toBe('succeeded');
    const workflow = saga.refundWorkflow(refundNo);
    await waitsToWrite(workflow, 'projectRefund');

    await repaired();
    await recheck(orderNo);
    await saga.orderWhen(orderNo, (order) => order.stuckReason === null && order.refundedFen === 500);
    expect(await isHurried(workflow)).toBe(true);
  },
);

it('what the shop answered, refused by Postgres, is told, and kept once the cause is gone', async () => {
  const { orderNo } = await saga.createOrder();
  const { repaired } = await refuse('merchant_events', orderNo, `status = 'delivered'`);
  await saga.gateway.pay(orderNo);
  const { state, events } = await saga.orderWhen(orderNo, isNotWritten);
  expect([state, events.map(({ deliveredAt }) => deliveredAt)]).toEqual(['paid', [null]]);
  await repaired();
  const path = `/v1/events/${events[0]?.id ?? ''}/resend?mchid=${saga.mchid}`;
  await saga.call('POST', path, { reason: 'repaired' }, saga.operatorKey);
  const kept = await saga.orderWhen(orderNo, (order) => order.events[0]?.deliveredAt !== null);
  expect(kept).toMatchObject({ state: 'paid', stuckReason: null });
});

it('a refund that Postgres refuses to issue again is told, and issued once the cause is gone', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.call('POST', `/v1/orders/${orderNo}/close`);
  const refusal = { kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false } as const;
  await saga.gateway.fault({ on: 'refund', ...refusal, outTradeNo: orderNo });
  await saga.gateway.pay(orderNo, { force: true });
  await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'refund_failed');
  const { repaired } = await refuse('refunds', orderNo, 'predecessor is not null');
  const refundNo = encodeURIComponent(`${orderNo}@return`);
  const path = `/v1/refunds/${refundNo}/resolve?mchid=${saga.mchid}`;
  const decided = saga.call('POST', path, { action: 'reissue', reason: 'again' }, saga.operatorKey);
  await saga.orderWhen(orderNo, isNotWritten);
  const workflow = saga.refundWorkflow(`${orderNo}@return`);
  await waitsToWrite(workflow, 'reserveReissue');

  await repaired();
  await workflow.signal('recheck');
  expect((await decided).status).toBe(200);
  expect(await isHurried(workflow)).toBe(true);
  await saga.orderWhen(orderNo, ({ refunds, stuckReason }) => refunds.length === 2 && stuckReason === null);
});

/** Refused twice: the next try is a while away. */
const waitsToWrite = (workflow: WorkflowHandle, activity: string) =>
  until('the next try', async () => {
    const [pending] = await pendingActivities(workflow, activity);
    return (pending?.attempt ?? 0) > 1;
  });

/** The try that was a while away was given up for another. */
const isHurried = async (workflow: WorkflowHandle): Promise<boolean> =>
  (await eventsOf(workflow)).some(({ activityTaskCancelRequestedEventAttributes: it }) => it != null);

it('money that Postgres refuses to give back is told, and goes back once the cause is gone', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.call('POST', `/v1/orders/${orderNo}/close`);
  const { repaired } = await refuse('refunds', orderNo, 'true');
  await saga.gateway.pay(orderNo, { force: true });
  expect(await saga.orderWhen(orderNo, isNotWritten)).toMatchObject({ state: 'closed', refunds: [] });

  await repaired();
  await recheck(orderNo);
  await saga.orderWhen(orderNo, (order) => order.returnedFen === 1200 && order.stuckReason === null);
});
