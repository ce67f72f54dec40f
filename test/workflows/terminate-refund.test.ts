import { WorkflowNotFoundError } from '@temporalio/client';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { completedTasks, eventsOf } from '../support/history.js';
import { refunding } from '../support/refunds.js';
import { resetRun } from '../support/reset.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
const refunds = refunding(saga);
beforeAll(async () => {
  await saga.gateway.refundDelay(24 * 3_600_000);
});

const HOURS = 3_600_000;
const AMOUNT_FEN = 700;

type Told = { readonly orderNo: OrderNo; readonly refundNo: string };

/** What WeChat Pay and an operator do about a refund, one act after the other; doing it again changes nothing. */
type Story = {
  readonly begin: (orderNo: OrderNo) => Promise<unknown>;
  readonly acts: (told: Told) => (() => Promise<boolean>)[];
  readonly events: readonly string[];
};

const settled =
  ({ orderNo, refundNo }: Told, status: 'SUCCESS' | 'ABNORMAL') =>
  async (): Promise<boolean> => {
    const [refund] = await saga.gateway.refunds(orderNo);
    if (refund?.status !== 'PROCESSING') return refund?.status === status;
    await saga.gateway.settle(refundNo, status);
    return true;
  };

const sentToCard = async ({ orderNo, refundNo }: Told): Promise<boolean> => {
  await refunds.decide(refundNo, 'abnormalRefund');
  const [refund] = await saga.gateway.refunds(orderNo);
  return refund?.status === 'PROCESSING';
};

const nothing = (): Promise<void> => Promise.resolve();
const stories: readonly (readonly [string, Story])[] = [
  [
    'taken and refunded',
    { begin: nothing, acts: (told) => [settled(told, 'SUCCESS')], events: ['order.paid', 'refund.succeeded'] },
  ],
  [
    'applied for with an unknown outcome',
    {
      begin: (orderNo) =>
        saga.gateway.fault({
          ...{ on: 'refund', kind: 'error', status: 500, code: 'SYSTEM_ERROR', effect: true },
          outTradeNo: orderNo,
        }),
      acts: (told) => [settled(told, 'SUCCESS')],
      events: ['order.paid', 'refund.succeeded'],
    },
  ],
  [
    'abnormal and sent to the merchant card',
    {
      begin: nothing,
      acts: (told) => [settled(told, 'ABNORMAL'), () => sentToCard(told), settled(told, 'SUCCESS')],
      events: ['order.paid', 'refund.abnormal', 'refund.succeeded'],
    },
  ],
];

async function begin(story: Story): Promise<Told> {
  const orderNo = await refunds.paid();
  await story.begin(orderNo);
  return { orderNo, refundNo: await refunds.ask(orderNo, AMOUNT_FEN) };
}

/** Does the story's acts, each until it has an effect. */
async function act(story: Story, told: Told): Promise<void> {
  for (const one of story.acts(told)) {
    await until('an act with an effect', one);
  }
}

const isRunning = async (refundNo: string): Promise<boolean> =>
  (await saga.refundWorkflow(refundNo).describe()).status.name === 'RUNNING';

const tasksOf = async (refundNo: string): Promise<number> =>
  completedTasks(await eventsOf(saga.refundWorkflow(refundNo))).length;

/** As if the sweeper had looked at nothing for hours. */
async function hoursPass({ refundNo }: Told): Promise<void> {
  await saga.services.connection.sql`
    update refunds set swept_at = now() - interval '3 hours' where out_refund_no = ${refundNo}`;
  await sweep(saga, 3 * HOURS);
}

async function terminated({ refundNo }: Told, task: number): Promise<void> {
  await until(`task ${task}`, async () => (await tasksOf(refundNo)) >= task || !(await isRunning(refundNo)));
  await saga
    .refundWorkflow(refundNo)
    .terminate()
    .catch((error: unknown) => {
      // It was faster, and has ended by itself.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
}

async function outcomeOf({ orderNo, refundNo }: Told) {
  const { version, explain, events, ...order } = await saga.order(orderNo);
  expect(version + events.length).toBeGreaterThan(0);
  expect(explain.waitingFor).toBe('nothing');
  return { order, refund: await saga.refund(refundNo), atWeChat: await refunds.atWeChat(orderNo) };
}

/** One refund at WeChat Pay, the row and the sums as it says, and each event under one id. */
async function expectRefunded(told: Told, events: readonly string[], when: string): Promise<void> {
  const { orderNo, refundNo } = told;
  const heard = (): Map<string, string> => new Map(shop.of(orderNo).map(({ id, type }) => [id, type]));
  await until(`the shop's news ${when}`, () => heard().size >= events.length);
  expect([...heard().values()], when).toEqual(events);
  expect(await saga.refund(refundNo), when).toMatchObject({ state: 'succeeded', offline: false });
  const order = await saga.order(orderNo);
  const sums = { paidFen: 1200, refundedFen: AMOUNT_FEN, refundingFen: 0 };
  expect(order, when).toMatchObject({ state: 'paid', ...sums, stuckReason: null });
  expect(await refunds.atWeChat(orderNo), when).toEqual([
    expect.objectContaining({ out_refund_no: refundNo, refund: AMOUNT_FEN, status: 'SUCCESS' }),
  ]);
}

async function survives(story: Story, task: number): Promise<void> {
  const told = await begin(story);
  await Promise.all([act(story, told), terminated(told, task).then(() => hoursPass(told))]);
  await hoursPass(told);
  await refunds.when(told.refundNo, ({ state }) => state === 'succeeded');
  await until('its end', async () => !(await isRunning(told.refundNo)));
  await expectRefunded(told, story.events, `after task ${task}`);
}

describe('a refund that was', () => {
  it.each(stories)('%s ends the same after a reset to any of its workflow tasks', async (_name, story) => {
    const told = await begin(story);
    await act(story, told);
    await refunds.ended(told.refundNo, 'succeeded');
    const before = await outcomeOf(told);
    const handle = saga.refundWorkflow(told.refundNo);
    const { runId } = await handle.describe();
    const tasks = completedTasks(await eventsOf(handle));
    expect(tasks.length).toBeGreaterThan(1);
    for (const task of tasks) {
      await resetRun(saga, handle, task, runId);
      await refunds.ended(told.refundNo, 'succeeded');
      const when = `after a reset to event ${String(task)}`;
      expect(await outcomeOf(told), when).toEqual(before);
      await expectRefunded(told, story.events, when);
    }
  });
});

describe('terminated after any of its workflow tasks, a refund still is', () => {
  it.each(stories)('%s', async (_name, story) => {
    const reference = await begin(story);
    await act(story, reference);
    await refunds.ended(reference.refundNo, 'succeeded');
    const tasks = await tasksOf(reference.refundNo);
    expect(tasks).toBeGreaterThan(1);
    // All at once: some wait a minute for their poll, since the notify had come to the run that was terminated.
    await Promise.all(Array.from({ length: tasks }, (_, before) => survives(story, before + 1)));
  });
});
