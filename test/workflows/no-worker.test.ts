import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { cacheFolder } from '../../src/embedded/cache.js';
import { startTemporal, type TemporalServer } from '../../src/embedded/temporal.js';
import { durableTries, eventsOf } from '../support/history.js';
import { sweep } from '../support/resume-later.js';
import { startSaga, type Saga } from '../support/saga.js';
import { until } from '../support/until.js';

const sagas: Saga[] = [];
const servers: TemporalServer[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-no-worker-'));
});
afterEach(async () => {
  // The workers' own Temporal last, so that they can say goodbye to it.
  for (const it of [...sagas.splice(0), ...servers.splice(0)]) await it.stop();
  await rm(folder, { recursive: true, force: true });
});

async function workerlessSaga(temporal?: TemporalServer): Promise<Saga> {
  const saga = await startSaga({
    workers: false,
    ...(temporal === undefined ? {} : { temporal }),
  });
  sagas.push(saga);
  return saga;
}

/** Its own server, with its state in a file, so that it can be killed. */
async function ownTemporal(port?: number): Promise<TemporalServer> {
  const dbFile = join(folder, 'temporal.db');
  const options = { env: process.env, cacheDir: cacheFolder(process.env), ui: false, onProgress: () => undefined };
  const server = await startTemporal({ ...options, dbFile, ...(port === undefined ? {} : { port }) });
  servers.push(server);
  return server;
}

/** One, and where the local try was not answered in time, the durable ones after it. */
async function expectOnePrepay(saga: Saga, orderNo: OrderNo): Promise<void> {
  const repeated = await durableTries(saga.workflow(orderNo));
  expect(await saga.gateway.calls('prepay')).toBeOneOf(
    [repeated.length, repeated.length + 1].filter((calls) => calls > 0),
  );
}

describe('an order created while no worker runs', () => {
  it('is answered 202 and opens as soon as one does', async () => {
    const saga = await workerlessSaga();
    const { status, body, orderNo } = await saga.briefly.createOrder();
    expect({ status, state: body.state }).toEqual({ status: 202, state: 'creating' });
    expect((await saga.call('GET', `/v1/orders/${orderNo}`)).body.explain.waitingFor).not.toBe('nothing');
    await saga.startWorkers();
    await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
    await expectOnePrepay(saga, orderNo);
    await saga.gateway.pay(orderNo);
    await saga.workflow(orderNo).result();
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid', paidFen: 1200 });
  });

  it('survives that Temporal is killed meanwhile and forgets the update', async () => {
    const temporal = await ownTemporal();
    const saga = await workerlessSaga(temporal);
    const { status, orderNo } = await saga.briefly.createOrder();
    expect(status).toBe(202);

    await temporal.kill();
    await ownTemporal(Number(temporal.address.split(':')[1]));
    const known = await until('Temporal', () => eventsOf(saga.workflow(orderNo)).catch(() => undefined));
    expect(known.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);

    await saga.startWorkers();
    await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
    await expectOnePrepay(saga, orderNo);
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  });

  it('is opened by the sweeper when Temporal lost all it knew', async () => {
    const saga = await workerlessSaga();
    const { orderNo } = await saga.briefly.createOrder();
    await saga.workflow(orderNo).terminate();
    await saga.services.temporal.client.workflowService.deleteWorkflowExecution({
      namespace: inject('temporalNamespace'),
      workflowExecution: { workflowId: saga.workflow(orderNo).workflowId },
    });
    await saga.startWorkers();
    await sweep(saga, 2 * 60_000);
    await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
  });
});
