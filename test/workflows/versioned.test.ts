import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ensureSweeper } from '../../src/temporal/sweeper.js';
import { startSaga, type Saga } from '../support/saga.js';
import { until } from '../support/until.js';

let saga: Saga;
let name: string;
beforeAll(async () => {
  saga = await startSaga({ workers: false });
  name = `paysaga-${saga.services.queues.order}`;
});
afterAll(() => saga.stop());

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
