import { afterEach, describe, expect, it } from 'vitest';
import { orderWorkflowId, type OrderNo } from '../../src/base/ids.js';
import { progressOf } from '../../src/temporal/workflow.js';
import { startBrokenBuild, type BrokenBuild } from '../support/broken-build.js';
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

async function stalledOrder(): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder();
  await breakAll();
  await saga.services.orders.recheck({ mchid: saga.mchid, orderNo });
  await fails(orderWorkflowId(saga.mchid, orderNo));
  await sweep(saga, SOON);
  await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'stalled');
  return orderNo;
}

describe('an order whose workflow cannot go on', () => {
  it('shows it, and goes on from Postgres once it is rescued', async () => {
    const orderNo = await stalledOrder();
    const { explain } = await saga.order(orderNo);
    expect(explain).toMatchObject({ waitingFor: 'rescue', actor: 'operator' });
    expect(explain.commands[0]).toContain(`paysaga rescue ${orderNo}`);
    await saga.gateway.pay(orderNo);
    await removeBuild();
    expect((await operator(`/v1/orders/${orderNo}/rescue`, {})).status).toBe(200);
    expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null });
    await saga.startWorkers();
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  });

  it('is rescued with others in bulk', async () => {
    const orderNo = await stalledOrder();
    await removeBuild();
    await saga.startWorkers();
    const started = await operator('/v1/bulk', { action: 'rescue', filter: { stuckReason: 'stalled' }, dryRun: false });
    expect(started.status).toBe(202);
    await saga.orderWhen(orderNo, ({ stuckReason, state }) => stuckReason === null && state === 'awaitingPayment');
  });

  it('shows it no more once it goes on by itself', async () => {
    const orderNo = await stalledOrder();
    await removeBuild();
    await saga.startWorkers();
    await until(
      'it goes on',
      async () =>
        (await progressOf(saga.services.temporal.client, orderWorkflowId(saga.mchid, orderNo), new Date())).kind ===
        'running',
    );
    await sweep(saga, 3 * SOON);
    await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === null);
  });
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

it('a refund whose workflow cannot go on shows in its order, and goes on once it is rescued', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  const refundNo = `R-${orderNo}`;
  await saga.control('PUT', '/settings', { refundDelayMs: 3_600_000 });
  await saga.call('POST', `/v1/orders/${orderNo}/refunds`, { refundNo, amountFen: 100 });
  await until('the refund', async () => (await saga.refund(refundNo)).state === 'processing');
  await breakAll();
  await saga.refundWorkflow(refundNo).signal('evidence', { refundId: 'x', status: 'SUCCESS' });
  await fails(saga.refundWorkflow(refundNo).workflowId);
  await sweep(saga, SOON);
  await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'stalled');
  await removeBuild();
  expect((await operator(`/v1/refunds/${refundNo}/rescue`, {})).status).toBe(200);
  expect(await saga.order(orderNo)).toMatchObject({ stuckReason: null });
  await saga.startWorkers();
  await saga.control('POST', `/refunds/${refundNo}/settle`, { status: 'SUCCESS' });
  await saga.orderWhen(orderNo, ({ refundedFen }) => refundedFen === 100);
});
