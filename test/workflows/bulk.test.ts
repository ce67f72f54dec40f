import { once } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBulk } from '../../src/bulk/store/bulk.js';
import { insertOrder, loadOrder } from '../../src/orders/store/order.js';
import { bulkWorkflowId, type OrderNo } from '../../src/base/ids.js';
import type { BulkStatus } from '../../src/bulk/api/calls.js';
import { newOrder } from '../db/fixtures.js';
import { costOf, eventsOf } from '../support/history.js';
import { holdOrder } from '../support/hold-order.js';
import { startKillableWorker } from '../support/killable-worker.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const DAY = 86_400_000;

const saga = useSaga();
/** Orders that wait for their payment. */
let waiting: OrderNo[];
beforeAll(async () => {
  waiting = [];
  for (let n = 0; n < 6; n += 1) {
    const some = await Promise.all([1, 2, 3, 4, 5].map(() => saga.createOrder({ expiresInSeconds: 3_600 })));
    waiting.push(...some.map(({ orderNo }) => orderNo));
  }
  for (const orderNo of waiting) await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
});

async function start(fields: Record<string, unknown>): Promise<string> {
  const body = { reason: 'WeChat Pay is down', dryRun: false, ...fields };
  const answer: unknown = (await saga.call('POST', '/v1/bulk', body, saga.operatorKey)).body;
  return (answer as { id: string }).id;
}

async function statusOf(id: string): Promise<BulkStatus> {
  const answer: unknown = (await saga.call('GET', `/v1/bulk/${id}`, undefined, saga.operatorKey)).body;
  return answer as BulkStatus;
}

const finished = (id: string) =>
  until('the end of the bulk', async () => {
    const status = await statusOf(id);
    return status.finishedAt !== null && status;
  });

const workflowOf = (id: string): WorkflowHandle => saga.services.temporal.client.workflow.getHandle(bulkWorkflowId(id));

const actionsOf = (id: string) => saga.services.connection.sql`
  select order_no, action, reason, actor, outcome from operator_actions where bulk_id = ${id} order by order_no`;

async function expectDeadlines(orderNos: readonly OrderNo[], deadlineOf: (createdAtMs: number) => number) {
  for (const orderNo of orderNos) {
    const { createdAt, expiresAt } = await saga.order(orderNo);
    expect(Date.parse(expiresAt)).toBe(deadlineOf(Date.parse(createdAt)));
  }
}

/** Each order was asked once, under the bulk's name, and its workflow heard it once. */
async function expectAskedOnce(id: string, orderNos: readonly OrderNo[], action: string): Promise<void> {
  const who = { action, reason: 'WeChat Pay is down', outcome: 'extended' };
  expect(await actionsOf(id)).toMatchObject(orderNos.toSorted().map((order_no) => ({ order_no, ...who })));
  const actions = await saga.services.connection.sql`select id, order_no from operator_actions where bulk_id = ${id}`;
  for (const row of actions) {
    const { mchid } = saga;
    const order = await saga.services.temporal.client.workflow
      .getHandle(`order/${mchid}/${String(row['order_no'])}`)
      .fetchHistory();
    const heard = (order.events ?? []).filter(
      ({ workflowExecutionUpdateAcceptedEventAttributes: it }) =>
        it?.acceptedRequest?.meta?.updateId === `extend/${String(row['id'])}`,
    );
    expect(heard).toHaveLength(1);
  }
}

describe('a bulk', () => {
  it('holds 30 orders, says so in the Temporal UI, and costs what one of 2 does', async () => {
    const id = await start({ action: 'hold', filter: { state: 'awaitingPayment' } });
    expect(await finished(id)).toMatchObject({ total: 30, done: 30, failed: [] });
    await workflowOf(id).result();

    await expectDeadlines(waiting, (createdAtMs) => createdAtMs + 7 * DAY);
    await expectAskedOnce(id, waiting, 'hold');
    const description = await workflowOf(id).describe();
    expect(await description.staticSummary()).toBe('hold · 30 orders');
    const { currentDetails } = await workflowOf(id).query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('### hold · 30 / 30');
    expect(currentDetails).toContain(`paysaga bulk ${id} \\\n  --mchid ${saga.mchid}`);

    const two = await start({ action: 'hold', filter: { orderNos: waiting.slice(0, 2) } });
    await finished(two);
    await workflowOf(two).result();
    for (const it of [id, two]) await expectCostOfSlices(workflowOf(it));
  });

  it('whose worker is killed goes on where it was: nothing is lost, nothing is done twice', async () => {
    const until7 = new Date(Date.now() + 5 * DAY);
    await saga.stopWorkers();
    // The last one cannot be done before the worker is gone.
    const last = await holdOrder(saga.databaseUrl, waiting.at(-1) ?? '');
    const worker = startKillableWorker(saga);
    const filter = { orderNos: waiting };
    const id = await start({ action: 'extend', until: until7.toISOString(), filter });
    await until('some that are done', async () => (await statusOf(id)).done >= 8);
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    await last.release();
    const { done, finishedAt } = await statusOf(id);
    expect([done < 30, finishedAt]).toEqual([true, null]);

    await saga.startWorkers();

    expect(await finished(id)).toMatchObject({ total: 30, done: 30, failed: [] });
    await expectDeadlines(waiting, () => until7.getTime());
    await expectAskedOnce(id, waiting, 'extend');
  });

  it('releases orders: those past their own deadline are closed, others keep theirs, and what cannot be is told', async () => {
    const late = await lateOrder();
    const [waitingOne] = waiting;
    if (waitingOne === undefined) throw new Error('an order');
    const { orderNo: gone } = await saga.createOrder();
    await saga.call('POST', `/v1/orders/${gone}/close`);
    await saga.orderWhen(gone, ({ state }) => state === 'closed');

    const id = await start({ action: 'release', filter: { orderNos: [late, waitingOne, gone, 'nobody-1'] } });

    const failed = [
      { orderNo: gone, code: 'order_closed' },
      { orderNo: 'nobody-1', code: 'order_not_found' },
    ];
    expect(await finished(id)).toMatchObject({ total: 4, done: 2, failedCount: 2, failed });
    const closed = await saga.orderWhen(late, ({ state }) => state === 'closed');
    expect(closed).toMatchObject({ closedReason: 'expired', attempts: [{ state: 'closed' }] });
    await expectDeadlines([waitingOne], (createdAtMs) => createdAtMs + 3_600_000);
    expect(await saga.order(waitingOne)).toMatchObject({ state: 'awaitingPayment' });
  });

  it('that nobody started is started by the sweeper, and finds money that was not told', async () => {
    const { orderNo } = await saga.createOrder();
    await saga.gateway.fault({ on: 'notify', kind: 'drop', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    const at = new Date(Date.now() - 2 * 60_000);
    const who = { reason: 'the payer shows a receipt', actor: 'Li Lei', at };
    const filter = { orderNos: [orderNo] };
    const { db } = saga.services.connection;
    const id = await createBulk(db, { mchid: saga.mchid, action: 'recheck', filter, until: null, ...who });

    expect(await sweep(saga, 0)).toMatchObject({ bulks: 1 });

    expect(await finished(id)).toMatchObject({ action: 'recheck', total: 1, done: 1, failed: [] });
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(await sweep(saga, 2 * 60_000)).toMatchObject({ bulks: 0 });
  });
});

/** By the slice, which is 20 s of work: one here, unless the machine is very busy. Heartbeats are transitions, too. */
async function expectCostOfSlices(bulk: WorkflowHandle): Promise<void> {
  const scheduled = (await eventsOf(bulk)).filter(({ activityTaskScheduledEventAttributes: it }) => it);
  const slices = scheduled.length;
  expect(slices).toBeLessThan(5);
  const { events, transitions, actions } = await costOf(bulk);
  expect({ events, actions }).toEqual({ events: 5 + 6 * slices, actions: 1 + slices });
  expect(transitions).toBeLessThanOrEqual(3 + 8 * slices);
}

/** An order of three hours ago that had two hours and was held since. */
async function lateOrder(): Promise<OrderNo> {
  const { mchid, services } = saga;
  const { db, sql } = services.connection;
  const orderNo = saga.newOrderNo();
  const { appid } = (await saga.control('GET', '/merchant')) as { appid: string };
  await insertOrder(db, newOrder({ mchid, orderNo, appid, createdAt: new Date(Date.now() - DAY / 8) }));
  await sql`update orders set expires_at = now() + interval '1 day' where order_no = ${orderNo}`;
  const order = await loadOrder(db, { mchid, orderNo });
  if (order === undefined) throw new Error('the order was never placed');
  await services.orders.create(order);
  await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
  return orderNo;
}
