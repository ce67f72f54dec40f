import { expect, it } from 'vitest';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });

it('a paid order says who paid, how, and with which coupons, and so does the event of it', async () => {
  const fields = { product: 'jsapi', payer: { openid: 'o-payer' }, attach: 'table 7', metadata: { table: 7 } };
  const { orderNo } = await saga.createOrder(fields);
  await saga.gateway.pay(orderNo, { couponFen: 200 });
  await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
  const facts = {
    payer: { openid: 'o-payer', bankType: expect.stringMatching(/^[A-Z_]+$/) as string },
    tradeType: 'JSAPI',
    paidFen: 1200,
    payerFen: 1000,
    coupons: [{ amountFen: 200 }],
    attach: 'table 7',
    metadata: { table: 7 },
  };
  expect(await saga.order(orderNo)).toMatchObject(facts);
  await until('the shop is told', () => shop.of(orderNo).length > 0);
  expect(shop.of(orderNo)).toMatchObject([{ type: 'order.paid', verified: true, order: facts }]);
});
