import { beforeAll, expect, inject, it } from 'vitest';
import { ensureSweeper } from '../../src/sweep/client.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const saga = useSaga({ workers: false });
let name: string;
beforeAll(() => {
  name = `paysaga-${saga.services.queues.order}`;
});

/** Workers of one build, which takes what is new from now on. */
async function runBuild(buildId: string): Promise<void> {
  await saga.stopWorkers();
  await saga.startWorkers({ name, buildId });
  const { client } = saga.services.temporal;
  const namespace = inject('temporalNamespace');
  const request = { namespace, deploymentName: name, buildId, identity: 'test' };
  await until(`the build ${buildId}`, () =>
    client.workflowService.setWorkerDeploymentCurrentVersion(request).then(
      () => true,
      () => false,
    ),
  );
}

/** Temporal's words: 1 is PINNED, 2 AUTO_UPGRADE. */
const behaviorOf = async (workflowId: string) => {
  const { raw } = await saga.services.temporal.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.behavior;
};

it('an order stays with its build; a sweep goes with the current one', async () => {
  await runBuild('1');
  const { orderNo } = await saga.createOrder();
  await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
  expect(await behaviorOf(saga.workflow(orderNo).workflowId)).toBe(1);
  const { client } = saga.services.temporal;
  await ensureSweeper(client, saga.services.queues.order);
  const schedule = client.schedule.getHandle(`sweeper/${saga.services.queues.order}`);
  await schedule.trigger();
  const [action] = await until('a sweep', async () => {
    const { recentActions } = (await schedule.describe()).info;
    return recentActions.length > 0 && recentActions;
  });
  const { workflowId = '' } = action?.action.workflow ?? {};
  await client.workflow.getHandle(workflowId).result();
  expect(await behaviorOf(workflowId)).toBe(2);
  await schedule.delete();
});

it('an order of a build that nobody runs any more shows it, and goes on with the current one once it is rescued', async () => {
  const { orderNo } = await saga.createOrder();
  await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
  await runBuild('2');
  await saga.gateway.pay(orderNo);
  await until('the notify', async () => (await saga.workflow(orderNo).describe()).raw.pendingWorkflowTask != null);
  await sweep(saga, 12 * 60_000);
  await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason === 'stalled');
  const path = `/v1/orders/${orderNo}/rescue?mchid=${saga.mchid}`;
  expect((await saga.call('POST', path, { reason: 'build 1 is gone' }, saga.operatorKey)).status).toBe(200);
  await saga.orderWhen(orderNo, ({ state, stuckReason }) => state === 'paid' && stuckReason === null);
});
