import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/channels/port.js';
import { firstOutTradeNo } from '../../src/base/ids.js';
import { durableTries, eventsOf } from '../support/history.js';
import { polledOrder } from '../support/resume-later.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

/** Polls that are due at once. */
const POLLS = 1_000;
const QUERY_MS = 300;

const saga = useSaga();

describe('while many orders wait', () => {
  it('a payment is confirmed, an order closed, before a thousand polls that are due', async () => {
    const { orderNo: waiting } = await saga.createOrder();
    const gateway = saga.services.gateways.for(saga.mchid);
    if (gateway === undefined) throw new Error('the merchant is not configured');
    await saga.gateway.fault({ on: 'query', kind: 'slow', ms: QUERY_MS, times: 0 });
    const over = new AbortController();
    let made = 0;
    const poll = async (): Promise<void> => {
      while (!over.signal.aborted) {
        try {
          await gateway.query({ outTradeNo: firstOutTradeNo(waiting) }, { patience: 'durable', isPoll: true });
          made += 1;
          return;
        } catch (error) {
          if (!(error instanceof GatewayError) || error.code !== 'gate_shut') throw error;
          await sleep(100);
        }
      }
    };
    const polls = Promise.all(Array.from({ length: POLLS }, poll));
    await until('polls are under way', () => Promise.resolve(made > 0));

    const { orderNo: paid } = await saga.createOrder();
    await saga.gateway.pay(paid);
    await saga.orderWhen(paid, ({ state }) => state === 'paid');
    const { orderNo: closed } = await saga.createOrder();
    expect((await saga.call('POST', `/v1/orders/${closed}/close`)).body).toMatchObject({ state: 'closed' });
    expect(made).toBeLessThan(POLLS / 2);

    over.abort();
    await polls;
    const queued = (await durableTries(saga.workflow(paid))).filter((type) => type === 'queryTrade');
    expect(queued).toEqual([]);
  });

  it('polls stand in a queue of their own', async () => {
    const orderNo = await polledOrder(saga);
    const events = await eventsOf(saga.workflow(orderNo));
    const scheduled = events.flatMap(({ activityTaskScheduledEventAttributes: it }) => it ?? []);
    const poll = scheduled.find(({ activityType }) => activityType?.name === 'pollTrade');
    expect(poll?.taskQueue?.name).toBe(saga.services.queues.polls);
    await saga.gateway.pay(orderNo);
    await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  });
});
