import { WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { codeScanned } from '../support/code-scan.js';
import { completedTasks, eventsOf } from '../support/history.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import type { ShownCode } from '../support/sandbox-control.js';
import { until } from '../support/until.js';

const saga = useSaga();

const HOURS = 3_600_000;

type Story = {
  readonly shown: ShownCode;
  /** What till and payer do once it is charged, and do again when they see no end. */
  readonly act: (orderNo: OrderNo) => Promise<unknown>;
  readonly end: readonly [state: string, tradeState: string];
};

const nothing = (): Promise<void> => Promise.resolve();
const close = (orderNo: OrderNo) => saga.briefly.call('POST', `/v1/orders/${orderNo}/close`);

const stories: Readonly<Record<string, Story>> = {
  'paid at once': { shown: {}, act: nothing, end: ['paid', 'SUCCESS'] },
  'paid once the payer has typed the password': {
    shown: { payer: 'password', afterMs: 600_000 },
    async act(orderNo) {
      const trade = await until('the charge', () => saga.gateway.trade(orderNo));
      if (trade.trade_state === 'USERPAYING') await saga.gateway.pay(orderNo);
    },
    end: ['paid', 'SUCCESS'],
  },
  'given up and reversed': {
    shown: { payer: 'silent' },
    async act(orderNo) {
      await until('the charge', () => saga.gateway.trade(orderNo));
      await close(orderNo);
    },
    end: ['closed', 'REVOKED'],
  },
};

const isRunning = async (orderNo: OrderNo): Promise<boolean> =>
  (await saga.workflow(orderNo).describe()).status.name === 'RUNNING';
const tasksOf = async (orderNo: OrderNo): Promise<number> =>
  completedTasks(await eventsOf(saga.workflow(orderNo)).catch(() => [])).length;

async function terminate(orderNo: OrderNo): Promise<void> {
  await saga
    .workflow(orderNo)
    .terminate()
    .catch((error: unknown) => {
      // It was faster, and has ended by itself.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
}

describe('terminated after any of its workflow tasks, a charge still is', () => {
  it.each(Object.entries(stories))('%s', async (_name, { shown, act, end: [state, tradeState] }) => {
    const begun = async () => {
      const orderNo = saga.newOrderNo();
      const fields = { orderNo, ...(await codeScanned(saga.gateway, shown)) };
      const selling = saga.briefly.createOrder(fields);
      return { orderNo, telling: Promise.all([selling, act(orderNo)]) };
    };
    const before = await saga.gateway.calls('charge');
    const reference = await begun();
    await reference.telling;
    await saga.workflow(reference.orderNo).result();
    const tasks = await tasksOf(reference.orderNo);
    const orders = await Promise.all(
      Array.from({ length: tasks }, async (_, n) => {
        const { orderNo, telling } = await begun();
        await until(
          `task ${String(n + 1)}`,
          async () => (await tasksOf(orderNo)) > n || ((await tasksOf(orderNo)) > 0 && !(await isRunning(orderNo))),
        );
        await terminate(orderNo);
        return { orderNo, telling };
      }),
    );
    await sweep(saga, HOURS);
    for (const { orderNo, telling } of orders) {
      await telling;
      await act(orderNo);
      const order = await saga.orderWhen(orderNo, (it) => it.state === 'paid' || it.state === 'closed');
      expect(order).toMatchObject({ state, stuckReason: null, paidFen: state === 'paid' ? 1200 : 0 });
      expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: tradeState });
      await until('its end', async () => !(await isRunning(orderNo)));
    }
    expect(await saga.gateway.calls('charge')).toBe(before + 1 + tasks);
  });

  it('reversed, where it was given up and the payer pays while nobody is there', async () => {
    const { orderNo } = await saga.createOrder(await codeScanned(saga.gateway, { payer: 'silent' }));
    await saga.gateway.fault({ on: 'reverse', kind: 'http500', outTradeNo: orderNo, times: 0 });
    const closing = close(orderNo);
    const { sql } = saga.services.connection;
    await until(
      'the decision',
      async () =>
        (
          await sql`
      select from attempts where order_no = ${orderNo} and reversing`
        ).length > 0,
    );
    await terminate(orderNo);
    await saga.gateway.pay(orderNo);
    await saga.gateway.repair();
    await closing;
    await sweep(saga, HOURS);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid' || state === 'closed');
    expect(order).toMatchObject({ state: 'closed', closedReason: 'reversed', paidFen: 0 });
    expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'REVOKED' });
  });
});
