import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recheckSignal } from '../../workflows/saga/messages.js';
import { newOrderNo, useStack } from '../support/dev-stack.js';

const SIGNALS = 4_000;
const STOPS = 4;

/** Longer than the SDK lets an activation take of its own accord. */
const STOPPED_MS = 8_000;

/** Between two signals that an order gets while the worker is stopped. */
const SELDOM_MS = 200;

describe('a worker lives on', () => {
  const stack = useStack();
  let connection: Connection;
  let orders: readonly WorkflowHandle[];
  beforeAll(async () => {
    connection = await Connection.connect({ address: stack.dev.temporalAddress });
    const client = new Client({ connection, namespace: 'paysaga' });
    orders = await Promise.all(
      Array.from({ length: 12 }, async () =>
        client.workflow.getHandle(`order/${stack.dev.mchid}/${await placeOrder()}`),
      ),
    );
  });
  afterAll(async () => {
    await connection.close();
  });

  async function placeOrder(): Promise<string> {
    const orderNo = newOrderNo();
    const order = { orderNo, amountFen: 800, description: 'A bowl of rice', product: 'native' };
    await stack.api('POST', '/v1/orders', { ...order, expiresInSeconds: 604_800 });
    await stack.orderWhen(orderNo, ({ state }) => state === 'awaitingPayment');
    return orderNo;
  }

  async function whileStopped(work: () => Promise<unknown>): Promise<void> {
    const { pid } = stack.worker.now;
    if (pid === null) throw new Error('the worker is a process');
    process.kill(pid, 'SIGSTOP');
    await work().finally(() => process.kill(pid, 'SIGCONT'));
  }

  async function expectAlive(): Promise<void> {
    const orderNo = await placeOrder();
    await stack.control('POST', '/pay', { outTradeNo: orderNo });
    await stack.orderWhen(orderNo, ({ state }) => state === 'paid');
    const log = await stack.log('worker');
    expect(log).not.toMatch(/async hook stack|Script execution timed out/);
    expect(await Promise.race([stack.worker.now.exited, Promise.resolve('runs')])).toBe('runs');
  }

  test('thousands of signals that one order gets at once', async () => {
    const [order] = orders;
    let left = SIGNALS;
    const lane = async (): Promise<void> => {
      while (left-- > 0) await order?.signal(recheckSignal);
    };
    await whileStopped(() => Promise.all(Array.from({ length: 20 }, lane)));
    await expectAlive();
  });

  test('being stopped for eight seconds under load, as a paused machine is', async () => {
    const over = new AbortController();
    let stopped: Promise<void> | undefined;
    const load = orders.slice(1).map(async (order) => {
      while (!over.signal.aborted) {
        await order.signal(recheckSignal);
        // A worker that stands still is not in the middle of more by more of them.
        if (stopped !== undefined) await Promise.race([stopped, sleep(SELDOM_MS)]);
      }
    });
    for (let times = 0; times < STOPS; times += 1) {
      // Until it is in the middle of something again.
      await placeOrder();
      stopped = whileStopped(() => sleep(STOPPED_MS));
      await stopped;
      stopped = undefined;
    }
    over.abort();
    await Promise.all(load);
    await expectAlive();
  });
});
