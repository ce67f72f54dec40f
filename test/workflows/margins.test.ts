import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startWorkers, type Workers } from '../../src/entries/workers.js';
import type { ShopWebhooks } from '../../src/webhooks/webhooks.js';
import type { Gateways } from '../../src/channels/port.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { type OrderNo } from '../../src/base/ids.js';
import { syncUpdate } from '../../workflows/orders/messages.js';
import { replay } from '../support/replay.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

/** Local tries that just fit their 2 s, one after another. */
const slow = { isOn: false, tries: 0 };
async function pause(): Promise<void> {
  if (!slow.isOn) return;
  slow.tries += 1;
  await sleep(1_750 + ((slow.tries * 37) % 240));
}

const saga = useSaga({ workers: false });
let workers: Workers;
beforeAll(async () => {
  const { services } = saga;
  const { queues } = services;
  const connection = { address: inject('temporalAddress') };
  const deps = { ...services, db: services.connection.db, random: () => 0.5 };
  workers = await startWorkers(
    { connection, namespace: inject('temporalNamespace'), queues },
    { ...deps, gateways: slowly(services.gateways), webhooks: SLOW_SHOP },
  );
});
afterAll(async () => {
  await workers.stop();
});

const slowly = (gateways: Gateways): Gateways => ({
  ...gateways,
  for(mchid) {
    const gateway = gateways.for(mchid);
    if (gateway === undefined) return undefined;
    return {
      ...gateway,
      query: async (request, { signal }) => {
        await pause();
        return gateway.query(request, { patience: 'durable', ...(signal === undefined ? {} : { signal }) });
      },
    };
  },
});

const SLOW_SHOP: ShopWebhooks = {
  for: () => ({
    send: async () => {
      await pause();
      return { kind: 'delivered', status: 204 };
    },
  }),
};

const ORDERS = 12;
/** Each is asked about on a recheck. */
const ATTEMPTS = 5;

it('updates that come while local tries are slow leave histories that replay', async () => {
  const orders = await Promise.all(Array.from({ length: ORDERS }, () => withAttempts()));
  slow.isOn = true;
  await Promise.all(orders.map((orderNo, index) => pressed(orderNo, index)));
  slow.isOn = false;
  for (const orderNo of orders) {
    await saga.orderWhen(orderNo, ({ fulfilment }) => fulfilment === 'fulfilled');
    const handle = saga.workflow(orderNo);
    await until('the end', async () => (await handle.describe()).status.name === 'COMPLETED');
    await replay(await handle.fetchHistory());
  }
});

async function withAttempts(): Promise<OrderNo> {
  const policy = { fulfilment: { required: true, deadlineSeconds: 3_600 } };
  const { orderNo } = await saga.createOrder({ policy });
  for (let number = 2; number <= ATTEMPTS; number += 1) {
    const jsapi = { product: 'jsapi', payer: { openid: `o-payer-${number}` } };
    await until('an attempt', async () => {
      await saga.call('POST', `/v1/orders/${orderNo}/attempts`, jsapi);
      const { attempts } = await saga.order(orderNo);
      return attempts.some((it) => it.outTradeNo === nthOutTradeNo(orderNo, number) && it.state === 'open');
    });
  }
  return orderNo;
}

/** Everything is asked again and again, while the money comes and its goods are delivered. */
const pressed = (orderNo: OrderNo, index: number): Promise<unknown> =>
  Promise.all([asking(orderNo, index), deliver(orderNo)]);

async function asking(orderNo: OrderNo, index: number): Promise<void> {
  const handle = saga.workflow(orderNo);
  await handle.signal('recheck');
  const asked: Promise<unknown>[] = [];
  await sleep(index * 130);
  for (let round = 0; round < 8; round += 1) {
    asked.push(askTo(handle, round));
    await sleep(900 + index * 17);
    if (round === 2) await saga.gateway.pay(nthOutTradeNo(orderNo, ATTEMPTS));
  }
  await Promise.all(asked);
}

const askTo = (handle: WorkflowHandle, round: number): Promise<unknown> =>
  handle.executeUpdate(syncUpdate, { updateId: `sync/${round}`, args: [] }).catch(() => undefined);

/** By the ingress: it sends an update again that its workflow task lost to another event. */
async function deliver(orderNo: OrderNo): Promise<void> {
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  const { status, body } = await saga.call('POST', `/v1/orders/${orderNo}/fulfilment`, { outcome: 'fulfilled' });
  expect([status, body.fulfilment]).toEqual([200, 'fulfilled']);
}
