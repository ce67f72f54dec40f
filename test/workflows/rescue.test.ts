import { afterEach, expect, it } from 'vitest';
import { orderWorkflowId, type OrderNo } from '../../src/base/ids.js';
import { progressOf } from '../../src/temporal/workflow.js';
import { startBrokenBuild, type BrokenBuild } from '../support/broken-build.js';
import type { OrderAnswer } from '../support/order-answer.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const SOON = 12 * 60_000;

const saga = useSaga();
let broken: BrokenBuild | undefined;
afterEach(async () => {
  await broken?.stop();
  broken = undefined;
});

const operator = (path: string, body: object) =>
  saga.call('POST', `${path}?mchid=${saga.mchid}`, { reason: 'the build is mended', ...body }, saga.operatorKey);

const codeOf = ({ status, body }: { status: number; body: object }) => [status, 'code' in body ? body.code : undefined];

/** Everything that was begun meets a build that cannot go on with it. */
async function breakAll(): Promise<void> {
  await saga.stopWorkers();
  broken = await startBrokenBuild(saga);
}

/** It would begin what is rescued, too, and nobody after it could go on with that. */
async function removeBuild(): Promise<void> {
  await broken?.stop();
  broken = undefined;
}

const fails = (workflowId: string) =>
  until(
    `${workflowId} fails`,
    async () => (await progressOf(saga.services.temporal.client, workflowId, new Date())).kind === 'failing',
  );

const toRecheck = (orderNo: OrderNo) => saga.services.orders.recheck({ mchid: saga.mchid, orderNo });

/** Each fails a third time only after pauses of Temporal's: what can wait for these together does. */
async function stall(orders: readonly OrderNo[], refunds: readonly string[] = []): Promise<void> {
  await breakAll();
  for (const orderNo of orders) await toRecheck(orderNo);
  for (const refundNo of refunds)
    await saga.refundWorkflow(refundNo).signal('evidence', { refundId: 'x', status: 'SUCCESS' });
  const workflowIds = orders.map((orderNo) => orderWorkflowId(saga.mchid, orderNo));
  await Promise.all([...workflowIds, ...refunds.map((no) => saga.refundWorkflow(no).workflowId)].map(fails));
  await sweep(saga, SOON);
  for (const orderNo of orders) await saga.orderWhen(orderNo, isStalled);
}

const isStalled = ({ stuckReason }: OrderAnswer): boolean => stuckReason === 'stalled';

async function refundUnderWay(): Promise<{ readonly orderNo: OrderNo; readonly refundNo: string }> {
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  const refundNo = `R-${orderNo}`;
  await saga.control('PUT', '/settings', { refundDelayMs: 3_600_000 });
  await saga.call('POST', `/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 100 });
  await until('the refund', async () => (await saga.refund(refundNo)).state === 'processing');
  return { orderNo, refundNo };
}

it('what cannot go on shows it, and goes on from Postgres once it is rescued: an order, its refund, and others in bulk', async () => {
  const [{ orderNo }, { orderNo: other }] = [await saga.createOrder(), await saga.createOrder()];
  const { orderNo: refunded, refundNo } = await refundUnderWay();
  await stall([orderNo, other], [refundNo]);
  await saga.orderWhen(refunded, isStalled);
  const { explain } = await saga.order(orderNo);
  expect(explain).toMatchObject({ waitingFor: 'rescue', actor: 'operator' });
  expect(explain.commands[0]).toContain(`paysaga rescue ${orderNo}`);
  await saga.gateway.pay(orderNo);
  await removeBuild();
  expect((await operator(`/v1/orders/${orderNo}/rescue`, {})).status).toBe(200);
  expect((await operator(`/v1/refunds/${refundNo}/rescue`, {})).status).toBe(200);
  for (const rescued of [orderNo, refunded]) expect(await saga.order(rescued)).toMatchObject({ stuckReason: null });
  expect(await saga.order(other)).toMatchObject({ stuckReason: 'stalled' });

  await saga.startWorkers();
  const started = await operator('/v1/bulk', { action: 'rescue', filter: { stuckReason: 'stalled' }, dryRun: false });
  expect(started.status).toBe(202);
  await saga.control('POST', `/refunds/${refundNo}/settle`, { status: 'SUCCESS' });
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  await saga.orderWhen(refunded, ({ refundedFen }) => refundedFen === 100);
  await saga.orderWhen(other, ({ stuckReason, state }) => stuckReason === null && state === 'awaitingPayment');
});

it('an order that could not go on shows it no more once it goes on by itself', async () => {
  const { orderNo } = await saga.createOrder();
  await stall([orderNo]);
  await removeBuild();
  await saga.startWorkers();
  const workflowId = orderWorkflowId(saga.mchid, orderNo);
  const { client } = saga.services.temporal;
  await until('it goes on', async () => (await progressOf(client, workflowId, new Date())).kind === 'running');
  await sweep(saga, 3 * SOON);
  await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === null);
});

it('an order that goes on by itself is not rescued', async () => {
  const { orderNo } = await saga.createOrder();
  expect(codeOf(await operator(`/v1/orders/${orderNo}/rescue`, {}))).toEqual([409, 'not_stalled']);
  await saga.gateway.pay(orderNo);
  await saga.workflow(orderNo).result();
  expect(codeOf(await operator(`/v1/orders/${orderNo}/rescue`, {}))).toEqual([409, 'not_stalled']);
});

it('an order that lost its workflow is started again long before its deadline', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.workflow(orderNo).terminate();
  await sweep(saga, SOON);
  expect((await saga.workflow(orderNo).describe()).status.name).toBe('RUNNING');
});
