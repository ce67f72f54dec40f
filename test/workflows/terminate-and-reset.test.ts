import { afterEach, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { codeScanned } from '../support/code-scan.js';
import { completedTasks, eventsOf } from '../support/history.js';
import { holdOrder } from '../support/hold-order.js';
import { resetTo } from '../support/reset.js';
import { polledOrder, sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import type { ShownCode } from '../support/sandbox-control.js';
import { until } from '../support/until.js';

const saga = useSaga();
afterEach(() => saga.gateway.repair());

const HOURS = 3_600_000;
const end = (orderNo: OrderNo) => saga.workflow(orderNo).result();
const close = (orderNo: OrderNo) => saga.call('POST', `/v1/orders/${orderNo}/close`);

async function created(): Promise<OrderNo> {
  return (await saga.createOrder()).orderNo;
}

const charged = async (shown?: ShownCode) => saga.createOrder(await codeScanned(saga.gateway, shown));

const stories: readonly (readonly [string, () => Promise<OrderNo>])[] = [
  [
    'paid',
    async () => {
      const orderNo = await created();
      await saga.gateway.pay(orderNo);
      return orderNo;
    },
  ],
  [
    'closed',
    async () => {
      const orderNo = await created();
      await close(orderNo);
      return orderNo;
    },
  ],
  [
    'paid after its poll was in flight',
    async () => {
      const orderNo = await polledOrder(saga);
      await saga.gateway.pay(orderNo);
      return orderNo;
    },
  ],
  [
    'paid on its second attempt',
    async () => {
      const orderNo = await created();
      const jsapi = { product: 'jsapi', payer: { openid: 'o-payer' } };
      await saga.call('POST', `/v1/orders/${orderNo}/attempts`, jsapi);
      await saga.gateway.pay(nthOutTradeNo(orderNo, 2));
      return orderNo;
    },
  ],
  [
    'opened and confirmed on the durable path',
    async () => {
      const orderNo = saga.newOrderNo();
      await saga.gateway.fault(
        { on: 'prepay', kind: 'http500', outTradeNo: orderNo },
        { on: 'query', kind: 'http500', outTradeNo: orderNo },
      );
      await saga.createOrder({ orderNo });
      await saga.gateway.pay(orderNo);
      return orderNo;
    },
  ],
  [
    'rejected',
    async () => {
      const orderNo = saga.newOrderNo();
      await saga.gateway.fault({
        ...{ on: 'prepay', kind: 'error', status: 400, code: 'PARAM_ERROR', effect: false },
        ...{ outTradeNo: orderNo, times: 0 },
      });
      await saga.createOrder({ orderNo });
      return orderNo;
    },
  ],
  ['charged and paid at once', async () => (await charged()).orderNo],
  [
    'charged and paid with the password',
    async () => {
      const { orderNo } = await charged({ payer: 'password', afterMs: 600_000 });
      await saga.gateway.pay(orderNo);
      return orderNo;
    },
  ],
  [
    'charged, given up and reversed',
    async () => {
      const { orderNo } = await charged({ payer: 'silent' });
      await close(orderNo);
      return orderNo;
    },
  ],
];

describe('an order that was', () => {
  it.each(stories)('%s ends the same after a reset to any of its workflow tasks', async (_name, tell) => {
    const orderNo = await tell();
    await end(orderNo);
    const before = await outcomeOf(orderNo);
    const handle = saga.workflow(orderNo);
    const { runId } = await handle.describe();
    const tasks = completedTasks(await eventsOf(handle));
    expect(tasks.length).toBeGreaterThan(0);
    for (const task of tasks) {
      await resetTo(saga, orderNo, task, runId);
      await end(orderNo);
      expect(await outcomeOf(orderNo), `after a reset to event ${String(task)}`).toEqual(before);
    }
  });
});

describe('an order whose workflow is terminated', () => {
  it('while its prepay hangs is opened by the sweeper', async () => {
    const orderNo = saga.newOrderNo();
    await saga.gateway.fault({ on: 'prepay', kind: 'timeoutBefore', outTradeNo: orderNo, times: 0 });
    const creation = saga.briefly.createOrder({ orderNo });
    await until('the prepay', () =>
      saga.services.connection.sql`
      select from attempts where order_no = ${orderNo} and prepay_started_at is not null`.then(
        (rows) => rows.length > 0,
      ),
    );
    await saga.workflow(orderNo).terminate();
    await creation;
    await saga.gateway.repair();
    expect((await saga.order(orderNo)).state).toBe('creating');
    await sweep(saga, 2 * 60_000);
    await saga.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
    await expectPayable(orderNo);
  });

  it('while it waits to be paid is found by the notify', async () => {
    const orderNo = await created();
    await saga.workflow(orderNo).terminate();
    await expectPayable(orderNo);
  });

  it('while it waits, and nobody pays, is taken up again after its deadline', async () => {
    const orderNo = await created();
    await saga.workflow(orderNo).terminate();
    // It is overdue and late: two kinds look for it at once, and one passes over the row that the other holds.
    const { orders, stalled } = await sweep(saga, 3 * HOURS);
    expect(orders + stalled).toBeGreaterThan(0);
    expect((await saga.workflow(orderNo).describe()).status.name).toBe('RUNNING');
    await expectPayable(orderNo);
  });

  it('while evidence is in doubt asks again from what Postgres holds', async () => {
    const orderNo = await created();
    await saga.gateway.fault({ on: 'query', kind: 'stale', outTradeNo: orderNo, times: 0 });
    await saga.gateway.pay(orderNo);
    await until('the query', async () => (await saga.order(orderNo)).explain.attempts > 0);
    await saga.workflow(orderNo).terminate();
    await saga.gateway.repair();
    expect((await saga.order(orderNo)).state).toBe('awaitingPayment');
    await sweep(saga, 3 * HOURS);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    await end(orderNo);
  });

  it('while its poll is in flight is found by the notify', async () => {
    const orderNo = await polledOrder(saga);
    await saga.workflow(orderNo).terminate();
    await expectPayable(orderNo);
  });

  it('while it is being closed is closed all the same: whoever asked is still waiting, and asks again', async () => {
    const orderNo = await created();
    await saga.gateway.fault({ on: 'close', kind: 'timeoutAfter', outTradeNo: orderNo, times: 0 });
    const closing = close(orderNo);
    await until('the close', async () => (await saga.gateway.trade(orderNo))?.trade_state === 'CLOSED');
    await saga.workflow(orderNo).terminate();
    await saga.gateway.repair();
    const { status, body } = await closing;
    expect([status, body]).toMatchObject([200, { state: 'closed', closedReason: 'cancelled' }]);
    await end(orderNo);
  });

  it('while it is being closed goes on closing, long before its deadline and with nobody asking again', async () => {
    const orderNo = await created();
    await saga.gateway.fault({ on: 'close', kind: 'http500', outTradeNo: orderNo, times: 0 });
    const { status, body } = await saga.briefly.call('POST', `/v1/orders/${orderNo}/close`);
    expect([status, body]).toMatchObject([202, { state: 'awaitingPayment', ending: 'cancelled' }]);
    await saga.workflow(orderNo).terminate();
    await saga.gateway.repair();
    let minutes = 0;
    await until('it is brought', async () => (await sweep(saga, (minutes += 2) * 60_000)).requests > 0);
    await expectCancelled(orderNo);
  });

  it('while it is being closed, asked for in Temporal alone, is found in the same minutes', async () => {
    const orderNo = await created();
    await saga.gateway.fault({ on: 'close', kind: 'http500', outTradeNo: orderNo, times: 0 });
    await saga.workflow(orderNo).cancel();
    await saga.orderWhen(orderNo, ({ ending }) => ending === 'cancelled');
    await saga.workflow(orderNo).terminate();
    await saga.gateway.repair();
    // What the run that was ended still writes, and what a busy Temporal does not take, is left to a later pass.
    let minutes = 0;
    await until('it is found', async () => (await sweep(saga, (minutes += 10) * 60_000)).stalled > 0);
    await expectCancelled(orderNo);
  });

  it('while it writes down that it is paid is paid once', async () => {
    const orderNo = await created();
    const held = await holdOrder(saga.databaseUrl, orderNo);
    await saga.gateway.pay(orderNo);
    await held.awaited();
    await saga.workflow(orderNo).terminate();
    await held.release();
    await sweep(saga, 3 * HOURS);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(order).toMatchObject({ paidFen: 1200, stuckReason: null });
  });
});

async function expectPayable(orderNo: OrderNo): Promise<void> {
  await saga.gateway.pay(orderNo);
  const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  expect(order).toMatchObject({ paidFen: 1200, stuckReason: null });
  await end(orderNo);
}

async function expectCancelled(orderNo: OrderNo): Promise<void> {
  const order = await saga.orderWhen(orderNo, ({ state }) => state === 'closed');
  expect(order).toMatchObject({ closedReason: 'cancelled', ending: null });
  await end(orderNo);
}

/** What the same money led to: all that readers see, but for what grows or is signed anew with time; and WeChat's books. */
async function outcomeOf(orderNo: OrderNo) {
  const { version, explain, ...order } = await saga.order(orderNo);
  expect(version).toBeGreaterThan(0);
  expect(explain.waitingFor).toBe('nothing');
  const trades = await saga.gateway.trades();
  return { order, trades: trades.filter((trade) => trade.out_trade_no.startsWith(orderNo)) };
}
