import { expect, it } from 'vitest';
import { recheckSignal } from '../../workflows/saga/messages.js';
import { replay } from '../support/replay.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

/**
 * Together a few more than the 4,096 events after which Temporal suggests a new run. Not all at once: the SDK lets one
 * activation of a workflow take 5 s, and ends the process of a slow machine with it.
 */
const ROUNDS = 5;
const SIGNALS = 850;
const BATCH = 50;

const saga = useSaga();

it('an order whose history has grown long goes on in a new run, and is paid there', async () => {
  const { orderNo, body } = await saga.createOrder();
  const handle = saga.workflow(orderNo);
  const { runId: firstRun } = await handle.describe();
  const hasTask = async () => (await handle.describe()).raw.pendingWorkflowTask != null;
  for (let round = 0; round < ROUNDS; round += 1) {
    await saga.stopWorkers();
    for (let sent = 0; sent < SIGNALS; sent += BATCH) {
      await Promise.all(Array.from({ length: BATCH }, () => handle.signal(recheckSignal)));
    }
    await saga.startWorkers();
    await until('the signals heard', async () => !(await hasTask()));
  }
  await until('a new run', async () => (await handle.describe()).runId !== firstRun);

  const { client } = saga.services.temporal;
  const history = await client.workflow.getHandle(handle.workflowId, firstRun).fetchHistory();
  expect(history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toBeTruthy();
  await replay(history);

  expect(await saga.order(orderNo)).toMatchObject({ state: 'awaitingPayment', version: body.version });
  await saga.gateway.pay(orderNo);
  expect(await saga.orderWhen(orderNo, ({ state }) => state === 'paid')).toMatchObject({ paidFen: 1200 });
  await handle.result();
  const { historyLength, typedSearchAttributes } = await handle.describe();
  expect(historyLength).toBeLessThan(30);
  const shown = typedSearchAttributes.getAll().map(({ value }) => value);
  expect(shown).toEqual(expect.arrayContaining(['paid', saga.mchid]));
});

it('a close that WeChat Pay does not answer keeps no run from ending, and goes on in the next', async () => {
  const { orderNo } = await saga.createOrder();
  const handle = saga.workflow(orderNo);
  const { runId: firstRun } = await handle.describe();
  await saga.gateway.fault({ on: 'close', kind: 'http500', outTradeNo: orderNo, times: 0 });
  await saga.briefly.call('POST', `/v1/orders/${orderNo}/close`);
  for (let sent = 0; sent < ROUNDS * SIGNALS; sent += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, () => handle.signal(recheckSignal)));
  }
  await until('a new run', async () => (await handle.describe()).runId !== firstRun);
  await saga.gateway.repair();
  const order = await saga.orderWhen(orderNo, ({ state }) => state === 'closed');
  expect(order).toMatchObject({ closedReason: 'cancelled', stuckReason: null });
});
