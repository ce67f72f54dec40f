import { afterAll, expect, it } from 'vitest';
import { insertOrder } from '../../src/orders/store/order.js';
import { ensureSweeper } from '../../src/sweep/client.js';
import { newOrder } from '../db/fixtures.js';
import { useSaga } from '../support/saga.js';

const saga = useSaga();
afterAll(async () => {
  await schedule().delete();
});

const schedule = () => saga.services.temporal.client.schedule.getHandle(`sweeper/${saga.services.queues.order}`);

type Wrong = { readonly [Part in 'spec' | 'policies' | 'action']?: object };

/** As a crash between the row and the workflow leaves it. */
async function abandonedOrder() {
  const orderNo = saga.newOrderNo();
  const { appid } = (await saga.control('GET', '/merchant')) as { appid: string };
  const createdAt = new Date(Date.now() - 2 * 60_000);
  await insertOrder(saga.services.connection.db, newOrder({ mchid: saga.mchid, orderNo, appid, createdAt }));
  return orderNo;
}

it('the schedule is made once, by however many workers, and runs every minute without overlap', async () => {
  const { client } = saga.services.temporal;
  await Promise.all([1, 2, 3].map(() => ensureSweeper(client, saga.services.queues.order)));
  const { spec, policies } = await schedule().describe();
  expect(spec.intervals).toEqual([expect.objectContaining({ every: 60_000 })]);
  expect(policies.overlap).toBe('SKIP');
});

it('a schedule that is gone or wrong is made right, however long the workers run', async () => {
  const { client } = saga.services.temporal;
  const { order: taskQueue } = saga.services.queues;
  await schedule().delete();
  expect(await ensureSweeper(client, taskQueue)).toBe('made');
  await schedule().update((found) => ({
    ...found,
    spec: { intervals: [{ every: '1 hour' }] },
    policies: { ...found.policies, overlap: 'BUFFER_ALL' },
    action: { type: 'startWorkflow', workflowType: 'sweeper', taskQueue: 'another' },
  }));
  expect(await ensureSweeper(client, taskQueue)).toBe('corrected');
  const { spec, policies, action } = await schedule().describe();
  expect([spec.intervals?.[0]?.every, policies.overlap]).toEqual([60_000, 'SKIP']);
  expect(action).toMatchObject({ taskQueue, workflowRunTimeout: 300_000 });
  expect(await ensureSweeper(client, taskQueue)).toBe('right');
});

it.each([
  ['times that are left out', { spec: { skip: [{ minute: '*' as const }] } }],
  ['a run that never ends', { action: { workflowRunTimeout: undefined } }],
  ['a task that is taken away too early', { action: { workflowTaskTimeout: '10 seconds' } }],
  ['missed runs that are made up for', { policies: { catchupWindow: '1 day' } }],
] as const)('%s is corrected, once', async (_name, { spec = {}, action = {}, policies = {} }: Wrong) => {
  const { client } = saga.services.temporal;
  const { order: taskQueue } = saga.services.queues;
  await ensureSweeper(client, taskQueue);
  await schedule().update((found) => ({
    ...found,
    spec: { ...found.spec, ...spec },
    policies: { ...found.policies, ...policies },
    action: { ...found.action, ...action },
  }));
  expect(await ensureSweeper(client, taskQueue)).toBe('corrected');
  expect(await ensureSweeper(client, taskQueue)).toBe('right');
});

it('a schedule that a person paused stays paused', async () => {
  const { client } = saga.services.temporal;
  const { order: taskQueue } = saga.services.queues;
  await schedule().pause('while the database is moved');
  await schedule().update((found) => ({ ...found, spec: { intervals: [{ every: '1 hour' }] } }));
  expect(await ensureSweeper(client, taskQueue)).toBe('corrected');
  expect((await schedule().describe()).state.paused).toBe(true);
  await schedule().unpause();
});

it('one pass of it opens an order that was recorded and never started', async () => {
  const orderNo = await abandonedOrder();
  await schedule().trigger();
  const order = await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
  expect(order.attempts).toMatchObject([{ state: 'open', outTradeNo: orderNo }]);
});
