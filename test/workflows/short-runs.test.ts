import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { createBulk } from '../../src/bulk/store/bulk.js';
import { bulkWorkflowId, eventWorkflowId, parseOutRefundNo } from '../../src/base/ids.js';
import type { Result } from '../../src/base/result.js';
import { cacheFolder } from '../../src/embedded/cache.js';
import { startTemporal } from '../../src/embedded/temporal.js';
import { workflowBundle } from '../../src/entries/workflow-bundle.js';
import { createBulkWorkflows } from '../../src/bulk/client.js';
import { createOrderWorkflows } from '../../src/orders/client.js';
import { ensureSweeper } from '../../src/sweep/client.js';
import { recheckSignal } from '../../workflows/saga/messages.js';
import { eventsOf, type HistoryEvent } from '../support/history.js';
import { refunding } from '../support/refunds.js';
import { replay } from '../support/replay.js';
import { type Saga, useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { startedFor } from '../support/started-for.js';
import { until } from '../support/until.js';

/** What Temporal suggests a new run after, and refuses updates after; 4,096 and 2,000 unless told. */
const SUGGESTED_AFTER = 100;
const MAX_UPDATES = 100;
/** What runs of such a history may have when they end: a handler may be under way for some seconds. */
const MAX_EVENTS = 4 * SUGGESTED_AFTER;

const temporal = startedFor(
  () =>
    startTemporal({
      ...{ env: process.env, cacheDir: cacheFolder(process.env), ui: false, onProgress: () => undefined },
      settings: {
        'limit.historyCount.suggestContinueAsNew': SUGGESTED_AFTER,
        'history.maxTotalUpdates': MAX_UPDATES,
      },
    }),
  (server) => server.stop(),
);
const endpoint = useShopEndpoint();
const saga = useSaga(() => ({ temporal, endpoint }));

/** This run ended because its history had grown long, soon after Temporal suggested it; it replays. */
async function expectContinued({ workflowId }: WorkflowHandle, runId: string): Promise<void> {
  const { client } = saga.services.temporal;
  const latest = client.workflow.getHandle(workflowId);
  await until('a new run', async () => (await latest.describe()).runId !== runId);
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  expect(history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toBeTruthy();
  expect(history.events?.length).toBeLessThan(MAX_EVENTS);
  await replay(history);
}

const runIdOf = async (handle: WorkflowHandle): Promise<string> => (await handle.describe()).runId;
const times = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('whoever keeps asking, a run ends soon after Temporal suggests it, and all are answered:', () => {
  it.each([
    ['an order that is synced, one after another', 1],
    ['an order that is synced, several at once', 6],
  ] as const)('%s', async (_name, atOnce) => {
    const { orderNo } = await saga.createOrder();
    const handle = saga.workflow(orderNo);
    const firstRun = await runIdOf(handle);
    const orders = callersOver(saga);
    const outcomes = new Set<string>();
    // More than twice as many as one run takes.
    for (let asked = 0; asked < 2.5 * MAX_UPDATES; asked += atOnce) {
      const calls = times(atOnce).map(() => orders.sync({ mchid: saga.mchid, orderNo }));
      for (const outcome of await Promise.all(calls)) outcomes.add(outcome);
    }
    expect(outcomes).toEqual(new Set(['answered']));
    await expectContinued(handle, firstRun);
    await saga.gateway.pay(orderNo);
    expect(await saga.orderWhen(orderNo, ({ state }) => state === 'paid')).toMatchObject({ paidFen: 1200 });
  });

  it('a refund that is rechecked and decided about', async () => {
    const refunds = refunding(saga);
    await saga.gateway.refundDelay(24 * 3_600_000);
    const refundNo = await refunds.ask(await refunds.paid(), 500);
    await refunds.when(refundNo, ({ state }) => state === 'processing');
    const handle = saga.refundWorkflow(refundNo);
    const firstRun = await runIdOf(handle);
    const ref = { mchid: saga.mchid, outRefundNo: must(parseOutRefundNo(refundNo)) };
    const outcomes = new Set<string>();
    for (let asked = 0; asked < 1.5 * MAX_UPDATES; asked += 3) {
      const decisions = times(3).map(() =>
        saga.services.refunds.resolve({ ...ref, requestId: randomUUID(), action: 'paidOffline' }),
      );
      await saga.services.refunds.recheck(ref);
      for (const outcome of await Promise.all(decisions)) outcomes.add(outcome);
    }
    expect(outcomes).toEqual(new Set(['not_applicable']));
    await expectContinued(handle, firstRun);
    await saga.gateway.settle(refundNo, 'SUCCESS');
    await refunds.ended(refundNo, 'succeeded');
  });

  it('an event that is sent again', async () => {
    endpoint.answer(500);
    const { orderNo } = await saga.createOrder();
    await saga.gateway.pay(orderNo);
    const { id } = await until('an event', () => endpoint.of(orderNo)[0]);
    const handle = saga.services.temporal.client.workflow.getHandle(eventWorkflowId(id));
    const firstRun = await until('its workflow', () => runIdOf(handle).catch(() => undefined));
    const resend = () =>
      saga.call('POST', `/v1/events/${id}/resend?mchid=${saga.mchid}`, { reason: 'test' }, saga.operatorKey);
    const statuses = new Set<number>();
    while ((await runIdOf(handle)) === firstRun) statuses.add((await resend()).status);
    await expectContinued(handle, firstRun);
    endpoint.answer(204);
    statuses.add((await resend()).status);
    await handle.result();
    expect(statuses).toEqual(new Set([200]));
    expect(await saga.order(orderNo)).toMatchObject({ events: [{ id, deliveredAt: expect.any(String) as string }] });
  });

  it('a bulk of many slices', async () => {
    const { connection, temporal: it } = saga.services;
    const id = await aBulk();
    // Slices that take no time: real ones are 10 s of work each.
    let open = SUGGESTED_AFTER / 2;
    const taskQueue = `${saga.services.queues.order}-slices`;
    const runBulkSlice = () => Promise.resolve({ total: 1, done: 0, failed: 0, open: (open -= 1) });
    const native = await NativeConnection.connect({ address: temporal.address });
    const worker = await Worker.create({
      ...{ connection: native, namespace: temporal.namespace, taskQueue },
      workflowBundle: await workflowBundle(),
      activities: { runBulkSlice },
    });
    await worker.runUntil(async () => {
      const installation = { taskQueue, language: 'en' } as const;
      await createBulkWorkflows({ client: it.client, db: connection.db, installation }).start(id);
      const handle = it.client.workflow.getHandle(bulkWorkflowId(id));
      const firstRun = await runIdOf(handle);
      await handle.result();
      await expectContinued(handle, firstRun);
    });
    await native.close();
    expect(open).toBe(0);
  });
});

/** Each call comes five seconds after the one before, so that none joins it. */
function callersOver({ services }: Saga) {
  let calls = 0;
  return createOrderWorkflows({
    client: services.temporal.client,
    db: services.connection.db,
    installation: { taskQueue: services.queues.order, language: 'en' },
    now: () => new Date(Date.now() + (calls += 1) * 5_000),
    waitMs: 30_000,
  });
}

it('thousands of rechecks of one order at once end nothing', async () => {
  const { orderNo } = await saga.createOrder();
  const path = `/v1/orders/${orderNo}/recheck?mchid=${saga.mchid}`;
  const statuses = new Set<number>();
  const overHttp = async (): Promise<void> => {
    for (let asked = 0; asked < 15; asked += 1)
      statuses.add((await saga.call('POST', path, { reason: 'test' }, saga.operatorKey)).status);
  };
  const bySignal = async (): Promise<void> => {
    for (let asked = 0; asked < 200; asked += 1) await saga.workflow(orderNo).signal(recheckSignal);
  };
  await Promise.all([...times(20).map(overHttp), ...times(20).map(bySignal)]);
  expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  await saga.gateway.pay(orderNo);
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  await saga.workflow(orderNo).result();
});

/** Every way in which a workflow of PaySaga's begins. */
const KINDS = [
  ...['order', 'order resumed', 'order continued'],
  ...['refund', 'refund child', 'refund external', 'refund continued'],
  ...['event', 'event child', 'event continued'],
  ...['bulk', 'bulk continued', 'sweeper scheduled'],
];

it('every run, however it began, has a task timeout of 30 s', async () => {
  await beginOtherwise();
  const { client } = saga.services.temporal;
  const timeouts = new Map<string, { readonly kind: string; readonly seconds: number }>();
  await until('every kind', async () => {
    for await (const { workflowId, runId } of client.workflow.list()) {
      if (timeouts.has(runId)) continue;
      const [first] = await eventsOf(client.workflow.getHandle(workflowId, runId));
      timeouts.set(runId, beginningOf(first));
    }
    const found = new Set([...timeouts.values()].map(({ kind }) => kind));
    return KINDS.every((kind) => found.has(kind));
  });
  expect([...timeouts.values()].filter(({ seconds }) => seconds !== 30)).toEqual([]);
});

function beginningOf(event: HistoryEvent | undefined): { readonly kind: string; readonly seconds: number } {
  const begun = event?.workflowExecutionStartedEventAttributes;
  const input = Buffer.from(begun?.input?.payloads?.[0]?.data ?? '').toString();
  const scheduled = begun?.searchAttributes?.indexedFields?.['TemporalScheduledById'] != null;
  const how = [
    ['continued', (begun?.continuedExecutionRunId ?? '') !== ''],
    ['child', begun?.parentWorkflowExecution != null],
    ['scheduled', scheduled],
    ['external', input.includes('"externalOf"')],
    ['resumed', input.includes('"resume":true')],
  ] as const;
  const [word] = how.find(([, isSo]) => isSo) ?? [];
  const kind = [begun?.workflowType?.name, word].filter((it) => it !== undefined).join(' ');
  return { kind, seconds: Number(begun?.workflowTaskTimeout?.seconds) };
}

/** Starts that the stories above do without. */
async function beginOtherwise(): Promise<void> {
  const { mchid, services } = saga;
  const orderNo = await refunding(saga).paidLate();
  await services.orders.resume({ mchid, orderNo });
  const outRefundNo = must(parseOutRefundNo('somebody-elses'));
  await services.refunds.findExternal({ mchid, outRefundNo, orderNo });
  const { events } = await saga.order(orderNo);
  await services.events.start(events[0]?.id ?? '');
  await services.bulks.start(await aBulk());
  const taskQueue = services.queues.order;
  await ensureSweeper(services.temporal.client, taskQueue);
  await services.temporal.client.schedule.getHandle(`sweeper/${taskQueue}`).trigger();
}

function aBulk(): Promise<string> {
  const filter = { orderNos: ['nobody-1'] };
  const bulk = { mchid: saga.mchid, action: 'hold', filter, until: null, reason: 'test', actor: 'Li Lei' } as const;
  return createBulk(saga.services.connection.db, { ...bulk, at: new Date() });
}

function must<T>(parsed: Result<T, unknown>): T {
  if (!parsed.ok) throw new Error('a legal id');
  return parsed.value;
}
