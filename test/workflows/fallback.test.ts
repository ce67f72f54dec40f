import { describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/base/ids.js';
import { eventsOf } from '../support/history.js';
import type { Fault } from '../support/sandbox-control.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

let aheadMs = 0;
const saga = useSaga(() => ({ activityNow: () => new Date(Date.now() + aheadMs) }));

const ERROR_AFTER_EFFECT = { kind: 'error', status: 500, code: 'SYSTEM_ERROR', effect: true } as const;
const LIMITED = { kind: 'error', status: 429, code: 'FREQUENCY_LIMITED', effect: false } as const;
const FAULTS = [
  ['a 500', { kind: 'http500' }],
  ['no answer, and no effect', { kind: 'timeoutBefore' }],
  ['no answer after the effect', { kind: 'timeoutAfter' }],
  ['a system error after the effect', ERROR_AFTER_EFFECT],
  ['a 429', LIMITED],
  ['an answer that nobody signed', { kind: 'badSignature' }],
] as const;

async function orderWith(fault: Fault): Promise<OrderNo> {
  const orderNo = saga.newOrderNo();
  await saga.gateway.fault({ ...fault, outTradeNo: orderNo });
  await saga.call('POST', '/v1/orders', { orderNo, amountFen: 1200, description: 'Tea', product: 'native' });
  await saga.orderWhen(orderNo, ({ attempts }) => attempts[0]?.state === 'open');
  return orderNo;
}

const usesActivity = async (orderNo: OrderNo, name: string): Promise<boolean> =>
  (await eventsOf(saga.workflow(orderNo))).some(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === name,
  );

describe.concurrent('a prepay that gets', () => {
  it.each(FAULTS)('%s is repeated with the same number, and the order is paid once', async (_name, fault) => {
    const orderNo = await orderWith({ on: 'prepay', ...fault });
    await saga.gateway.pay(orderNo);
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(order).toMatchObject({ paidFen: 1200, stuckReason: null, attempts: [{ outTradeNo: orderNo }] });
    expect(await usesActivity(orderNo, 'prepay')).toBe(true);
  });
});

describe.concurrent('a confirmation that gets', () => {
  it.each(FAULTS)('%s is asked again', async (_name, fault) => {
    const orderNo = await orderWith({ on: 'query', ...fault });
    await saga.gateway.pay(orderNo);
    expect(await saga.orderWhen(orderNo, ({ state }) => state === 'paid')).toMatchObject({ paidFen: 1200 });
    expect(await usesActivity(orderNo, 'queryTrade')).toBe(true);
  });
});

describe.concurrent('a close that gets', () => {
  it.each(FAULTS)('%s ends in closed all the same', async (_name, fault) => {
    const orderNo = await orderWith({ on: 'close', ...fault });
    await saga.call('POST', `/v1/orders/${orderNo}/close`);
    await saga.orderWhen(
      orderNo,
      ({ state, closedReason }) => state === 'closed' && closedReason === 'cancelled',
      60_000,
    );
    expect(await saga.gateway.trade(orderNo)).toMatchObject({ trade_state: 'CLOSED' });
  });
});

it('a gateway without an answer for three minutes shows as the reason, until it answers', async () => {
  const orderNo = saga.newOrderNo();
  const before = await saga.gateway.calls('prepay');
  await saga.gateway.fault({ on: 'prepay', kind: 'http500', times: 0, outTradeNo: orderNo });
  const creating = saga.briefly.call('POST', '/v1/orders', {
    orderNo,
    amountFen: 1200,
    description: 'Tea',
    product: 'native',
  });
  // The brief try, the first durable one, which remembers since when it fails, and one that comes after that was kept.
  await until('the durable call has failed too', async () => (await saga.gateway.calls('prepay')) >= before + 3);
  aheadMs = 3 * 60_000 + 1_000;
  const stuck = await saga.orderWhen(orderNo, ({ stuckReason }) => stuckReason !== null);
  expect(stuck).toMatchObject({ state: 'creating', stuckReason: 'gateway_unreachable' });
  expect(stuck.explain).toMatchObject({ waitingFor: 'gateway_answer', actor: 'wechat' });
  await saga.gateway.repair();
  await saga.orderWhen(
    orderNo,
    ({ state, stuckReason }) => state === 'awaitingPayment' && stuckReason === null,
    150_000,
  );
  await creating;
});
