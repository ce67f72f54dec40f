import { expect, it } from 'vitest';
import { type Saga, type Shop, useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

/** Orders that are created while WeChat Pay hangs. */
const CROWD = 200;

const saga = useSaga({ merchants: 2 });

const stateOf = async (orderNo: Parameters<Saga['order']>[0], shop: Shop) => (await saga.order(orderNo, shop)).state;

it('a gateway that hangs for one merchant holds up neither an order that waits nor another merchant', async () => {
  const [mine, other] = saga.shops;
  if (mine === undefined || other === undefined) throw new Error('two merchants');
  const waiting = await saga.createOrder({}, mine);
  await mine.gateway.fault({ on: 'prepay', kind: 'timeoutBefore', times: 0 });
  const crowd = Array.from({ length: CROWD }, () => saga.briefly.createOrder({}, mine));
  await until('the crowd hangs', async () => (await mine.gateway.calls('prepay')) > 1);

  await mine.gateway.pay(waiting.orderNo);
  const beside = await saga.briefly.createOrder({}, other);
  expect(beside.status).toBeOneOf([201, 202]);
  await until('a code of the other merchant', async () => (await other.gateway.trade(beside.orderNo)) !== undefined);
  await other.gateway.pay(beside.orderNo);
  await until('the other merchant is paid', async () => (await stateOf(beside.orderNo, other)) === 'paid');
  await until('the order that waited is paid', async () => (await stateOf(waiting.orderNo, mine)) === 'paid');

  // All of that happened while nobody of the crowd had a code.
  const creating = async (): Promise<number> => {
    const { body } = await saga.call('GET', '/v1/orders?state=creating&limit=200', undefined, mine.apiKey);
    return body.items.length;
  };
  await expect.poll(creating).toBe(CROWD);
  const answers = await Promise.all(crowd);
  // A call that Temporal did not take in time either is asked to be repeated.
  for (const { status } of answers) expect(status).toBeOneOf([202, 503]);

  await mine.gateway.repair();
  await until('every order of the crowd has its code', async () => (await creating()) === 0);
});
