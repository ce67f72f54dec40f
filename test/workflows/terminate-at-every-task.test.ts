import { WorkflowNotFoundError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { completedTasks, eventsOf } from '../support/history.js';
import { sweep } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const saga = useSaga();

const HOURS = 3_600_000;
const JSAPI = { product: 'jsapi', payer: { openid: 'o-payer' } };
const post = (orderNo: OrderNo, action: string, body?: unknown) =>
  saga.briefly.call('POST', `/v1/orders/${orderNo}/${action}`, body);

/** The payer pays what can be paid; a number that is paid, closed, or not there yet cannot. */
async function pay(outTradeNo: string): Promise<void> {
  if ((await saga.gateway.trade(outTradeNo))?.trade_state === 'NOTPAY') await saga.gateway.pay(outTradeNo);
}

/** What shop and payer do, and do again when they see no end; each act is safe to repeat. */
const stories: readonly (readonly [string, string, (orderNo: OrderNo) => Promise<unknown>])[] = [
  ['paid', 'paid', (orderNo) => pay(orderNo)],
  ['closed', 'closed', (orderNo) => post(orderNo, 'close')],
  [
    'paid on its second attempt',
    'paid',
    async (orderNo) => {
      await post(orderNo, 'attempts', { ...JSAPI, attemptKey: 'second' });
      await pay(nthOutTradeNo(orderNo, 2));
    },
  ],
];

async function isRunning(orderNo: OrderNo): Promise<boolean> {
  return (await saga.workflow(orderNo).describe()).status.name === 'RUNNING';
}

const tasksOf = async (orderNo: OrderNo): Promise<number> =>
  completedTasks(await eventsOf(saga.workflow(orderNo))).length;

describe('terminated after any of its workflow tasks, an order still is', () => {
  it.each(stories)('%s', async (_name, state, act) => {
    const reference = (await saga.createOrder()).orderNo;
    await act(reference);
    await saga.workflow(reference).result();
    const tasks = await tasksOf(reference);
    expect(tasks).toBeGreaterThan(1);
    for (let task = 1; task <= tasks; task += 1) {
      const { orderNo } = await saga.createOrder();
      const acting = act(orderNo);
      await until(`task ${task}`, async () => (await tasksOf(orderNo)) >= task || !(await isRunning(orderNo)));
      await saga
        .workflow(orderNo)
        .terminate()
        .catch((error: unknown) => {
          // It was faster, and has ended by itself.
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        });
      await acting;
      await sweep(saga, 3 * HOURS);
      await act(orderNo);
      const order = await saga.orderWhen(orderNo, (it) => it.state === state);
      expect(order, `after task ${task}`).toMatchObject({ stuckReason: null, paidFen: state === 'paid' ? 1200 : 0 });
      await until('its end', async () => !(await isRunning(orderNo)));
    }
  });
});
