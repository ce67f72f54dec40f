import { expect, test } from 'vitest';
import type { OrderAnswer } from '../support/order-answer.js';
import { useSaga } from '../support/saga.js';
import { until } from '../support/until.js';

const SHOP = 'wxshop';
const MINI_PROGRAM = 'wxminiprogram';

const saga = useSaga(() => ({ merchants: 2, appids: [SHOP, MINI_PROGRAM] }));

/** An order of a merchant with several appids, once somebody has paid it. */
async function paidUnder(named: string | undefined, appid: string | undefined): Promise<OrderAnswer> {
  const shop = saga.shops[1];
  if (shop === undefined) throw new Error('the second merchant is missing');
  const fields = named === undefined ? {} : { appid: named };
  const { status, orderNo } = await saga.createOrder(fields, shop);
  expect(status).toBe(201);
  await shop.gateway.pay(orderNo, appid === undefined ? {} : { appid });
  return until('money', async () => {
    const order = await saga.order(orderNo, shop);
    return (order.state === 'paid' || order.state === 'review') && order;
  });
}

test.each([
  ['the one the order named', MINI_PROGRAM, undefined],
  ['the same, said again', MINI_PROGRAM, MINI_PROGRAM],
  ['the first, where the order named none', undefined, SHOP],
])('money under %s makes the order paid', async (_, named, appid) => {
  expect(await paidUnder(named, appid)).toMatchObject({ state: 'paid', paidFen: 1200 });
});

test.each([
  [MINI_PROGRAM, SHOP],
  [SHOP, MINI_PROGRAM],
  [undefined, MINI_PROGRAM],
])("an order under %s and money under %s of the same merchant's disagree", async (named, appid) => {
  const order = await paidUnder(named, appid);
  expect(order).toMatchObject({ state: 'review', reviewReason: 'amount_mismatch', paidFen: 0 });
  expect(order.explain.text.en).toContain(appid);
});
