import { WorkflowNotFoundError } from '@temporalio/client';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { completedTasks, eventsOf } from '../support/history.js';
import type { OrderAnswer } from '../support/order-answer.js';
import { resetTo } from '../support/reset.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });
/** Their shops are down when the first event comes. */
const deaf = new Set<string>();
beforeAll(async () => {
  shop.answer(({ order: { orderNo } }) => (deaf.has(orderNo) && shop.of(orderNo).length === 1 ? 500 : 204));
  await saga.gateway.refundDelay(0);
});

const HOURS = 3_600_000;

/** What shop, payer and operator do: each act when its time has come, and again when it seems to have had no effect. */
type Act = { readonly when: (order: OrderAnswer) => boolean; readonly act: (orderNo: OrderNo) => Promise<unknown> };

type Story = {
  readonly begin: () => Promise<OrderNo>;
  readonly acts: readonly Act[];
  readonly order: Partial<OrderAnswer>;
  /** Of all refunds, of which there is one at most. */
  readonly refund: { readonly cause: string; readonly amountFen: number } | null;
  readonly events: readonly string[];
};

const post = (orderNo: string, action: string, body?: unknown) =>
  saga.briefly.call('POST', `/v1/orders/${orderNo}/${action}`, body);

const returnIt = (orderNo: string) => {
  const path = `/v1/orders/${orderNo}/resolve?mchid=${saga.mchid}`;
  return saga.briefly.call('POST', path, { action: 'return', reason: 'a test' }, saga.operatorKey);
};

const created = async (fields: Record<string, unknown> = {}): Promise<OrderNo> =>
  (await saga.createOrder(fields)).orderNo;

/** The payer pays, also what takes no money any more; nobody pays twice. */
async function pay(outTradeNo: string): Promise<void> {
  const trade = await saga.gateway.trade(outTradeNo);
  if (trade?.transaction_id === null) await saga.gateway.pay(outTradeNo, { force: true });
}

const ended = (orderNo: OrderNo) => saga.workflow(orderNo).result();
const isAny = (): boolean => true;
const isPayable = ({ state }: OrderAnswer): boolean => state === 'awaitingPayment';
const knowsItIsPaid = ({ events }: OrderAnswer): boolean =>
  events.some(({ type, deliveredAt }) => type === 'order.paid' && deliveredAt !== null);

const stories: readonly (readonly [string, Story])[] = [
  [
    'paid after it was closed, and returned',
    {
      async begin() {
        const orderNo = await created();
        await post(orderNo, 'close');
        await ended(orderNo);
        return orderNo;
      },
      acts: [{ when: isAny, act: pay }],
      order: { state: 'closed', closedReason: 'cancelled', paidFen: 0, refundedFen: 0, returnedFen: 1200 },
      refund: { cause: 'late_payment', amountFen: 1200 },
      events: ['order.closed', 'refund.succeeded'],
    },
  ],
  [
    'paid twice, and the second payment returned',
    {
      async begin() {
        const orderNo = await created();
        await post(orderNo, 'attempts', { product: 'h5', clientIp: '203.0.113.7' });
        await pay(`${orderNo}*2`);
        await ended(orderNo);
        return orderNo;
      },
      acts: [{ when: isAny, act: pay }],
      order: { state: 'paid', paidFen: 1200, refundedFen: 0, returnedFen: 1200 },
      refund: { cause: 'second_payment', amountFen: 1200 },
      events: ['order.paid', 'refund.succeeded'],
    },
  ],
  [
    'paid, its goods not delivered, and refunded',
    {
      begin: () => created({ policy: { fulfilment: { required: true, deadlineSeconds: 86_400 } } }),
      acts: [
        { when: isPayable, act: pay },
        {
          when: (order) => order.fulfilment === 'pending' && knowsItIsPaid(order),
          act: (orderNo) => post(orderNo, 'fulfilment', { outcome: 'rejected' }),
        },
      ],
      order: { state: 'paid', fulfilment: 'rejected', paidFen: 1200, refundedFen: 1200, returnedFen: 0 },
      refund: { cause: 'fulfilment_rejected', amountFen: 1200 },
      events: ['order.paid', 'order.compensating', 'refund.succeeded'],
    },
  ],
  [
    'paid another amount, and returned by a person',
    {
      async begin() {
        const orderNo = saga.newOrderNo();
        await saga.gateway.fault({ on: 'pay', kind: 'wrongAmount', totalFen: 900, outTradeNo: orderNo });
        return created({ orderNo }).then(() => orderNo);
      },
      acts: [
        { when: isPayable, act: pay },
        { when: ({ state }) => state === 'review', act: returnIt },
      ],
      order: { state: 'closed', closedReason: 'returned', paidFen: 0, refundedFen: 0, returnedFen: 900 },
      refund: { cause: 'operator', amountFen: 900 },
      events: ['order.review', 'order.closed', 'refund.succeeded'],
    },
  ],
  [
    'paid while its shop was down',
    {
      async begin() {
        const orderNo = saga.newOrderNo();
        deaf.add(orderNo);
        return created({ orderNo }).then(() => orderNo);
      },
      acts: [{ when: isPayable, act: pay }],
      order: { state: 'paid', paidFen: 1200, refundedFen: 0, returnedFen: 0 },
      refund: null,
      events: ['order.paid'],
    },
  ],
];

const runOf = async (orderNo: OrderNo) => {
  const { runId, status } = await saga.workflow(orderNo).describe();
  return { runId, isRunning: status.name === 'RUNNING' };
};

const tasksOf = async (orderNo: OrderNo, runId?: string) => {
  const handle = saga.services.temporal.client.workflow.getHandle(saga.workflow(orderNo).workflowId, runId);
  return completedTasks(await eventsOf(handle));
};

/** Plays until the order is what it comes to, everybody knows, and nothing runs for it any more. */
async function play({ acts, refund }: Story, orderNo: OrderNo, meanwhile: () => Promise<unknown>): Promise<void> {
  let seen: OrderAnswer | undefined;
  const isOver = async (): Promise<boolean> => {
    const order = await saga.order(orderNo);
    seen = order;
    for (const { when, act } of acts) if (when(order)) await act(orderNo);
    await meanwhile();
    const isRefunded = order.refunds.filter(({ state }) => state === 'succeeded').length === (refund === null ? 0 : 1);
    const isTold = order.events.length > 0 && order.events.every(({ deliveredAt }) => deliveredAt !== null);
    return isRefunded && isTold && order.explain.waitingFor === 'nothing' && !(await runOf(orderNo)).isRunning;
  };
  await until('the end', isOver).catch((cause: unknown) => {
    throw new Error(`the order never came to its end: ${JSON.stringify(seen)}`, { cause });
  });
}

const nothing = (): Promise<void> => Promise.resolve();

/** As if the sweeper had looked at nothing for hours. */
async function hoursPass(orderNo: OrderNo): Promise<void> {
  const { sql } = saga.services.connection;
  const unseen = sql`swept_at = null, next_due_at = next_due_at - interval '3 hours'`;
  await sql`update orders set ${unseen} where order_no = ${orderNo}`;
  await sql`update refunds set ${unseen} where order_no = ${orderNo}`;
  await sql`update merchant_events set swept_at = null where order_no = ${orderNo}`;
  await sweep(saga, 3 * HOURS);
}

/** After so many tasks of a run that is not `before`; it may be faster, and have ended by itself. */
async function terminated(orderNo: OrderNo, before: string | null, count: number): Promise<void> {
  await until(`task ${count}`, async () => {
    const { runId, isRunning } = await runOf(orderNo);
    return runId !== before && ((await tasksOf(orderNo, runId)).length >= count || !isRunning);
  });
  await saga
    .workflow(orderNo)
    .terminate()
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
}

/** Postgres, WeChat Pay and the shop agree about one refund at most, and about events that each have one id. */
async function expectEnd(story: Story, orderNo: OrderNo, when: string): Promise<void> {
  const order = await saga.order(orderNo);
  expect(order, when).toMatchObject({ ...story.order, refundingFen: 0, stuckReason: null });
  const refunds = story.refund === null ? [] : [{ ...story.refund, refundNo: `${orderNo}@return`, state: 'succeeded' }];
  expect(order.refunds, when).toMatchObject(refunds);
  expect(await saga.gateway.refunds(orderNo), when).toMatchObject(
    refunds.map(({ amountFen, refundNo }) => ({ out_refund_no: refundNo, refund: amountFen, status: 'SUCCESS' })),
  );
  expect(await saga.gateway.refunds(`${orderNo}*2`), when).toEqual([]);
  expect(
    order.events.map(({ type }) => type),
    when,
  ).toEqual(story.events);
  const told = new Map(shop.of(orderNo).map(({ id, type }) => [id, type]));
  expect([...told].toSorted(), when).toEqual(order.events.map(({ id, type }) => [id, type]).toSorted());
}

describe('terminated after any of its workflow tasks, an order still is', () => {
  it.each(stories)('%s', async (_name, story) => {
    const reference = await begun(story);
    await play(story, reference.orderNo, nothing);
    const { length: tasks } = await tasksOf(reference.orderNo);
    expect(tasks).toBeGreaterThan(reference.tasks);
    for (let task = Math.max(1, reference.tasks); task <= tasks; task += 1) {
      const { orderNo, before } = await begun(story);
      const kill = { isOver: false };
      const killing = terminated(orderNo, before, task).finally(() => {
        kill.isOver = true;
      });
      const playing = play(story, orderNo, async () => {
        if (kill.isOver) await hoursPass(orderNo);
      });
      await Promise.all([killing, playing]);
      await expectEnd(story, orderNo, `after task ${task}`);
    }
  });
});

/** `before`: the run that has ended already, where the story begins with one; `tasks`: those that are done, where not. */
async function begun(story: Story): Promise<{ orderNo: OrderNo; before: string | null; tasks: number }> {
  const orderNo = await story.begin();
  const { runId, isRunning } = await runOf(orderNo);
  return isRunning
    ? { orderNo, before: null, tasks: (await tasksOf(orderNo)).length }
    : { orderNo, before: runId, tasks: 0 };
}

describe('an order that was', () => {
  it.each(stories)('%s ends the same after a reset to any of its workflow tasks', async (_name, story) => {
    const { orderNo, before } = await begun(story);
    await play(story, orderNo, nothing);
    const { runId } = await runOf(orderNo);
    const outcome = await outcomeOf(orderNo);
    for (const run of before === null ? [runId] : [before, runId]) {
      const tasks = await tasksOf(orderNo, run);
      expect(tasks.length).toBeGreaterThan(0);
      for (const task of tasks) {
        await resetTo(saga, orderNo, task, run);
        await ended(orderNo);
        const when = `after a reset to event ${String(task)}`;
        expect(await outcomeOf(orderNo), when).toEqual(outcome);
        await expectEnd(story, orderNo, when);
      }
    }
  });
});

/** All that readers see, but for what grows or is signed anew with time; WeChat's books; and what the shop heard. */
async function outcomeOf(orderNo: OrderNo) {
  const { version, explain, ...order } = await saga.order(orderNo);
  expect(version).toBeGreaterThan(0);
  expect(explain.waitingFor).toBe('nothing');
  const trades = await saga.gateway.trades();
  return {
    order,
    trades: trades.filter((trade) => trade.out_trade_no.startsWith(orderNo)),
    refunds: await saga.gateway.refunds(orderNo),
    heard: shop.of(orderNo).map(({ id, type }) => [id, type]),
  };
}
