import { expect, it } from 'vitest';
import { useSaga } from '../support/saga.js';
import { useShopEndpoint } from '../support/shop-endpoint.js';

const shop = useShopEndpoint();
const saga = useSaga({ endpoint: shop });

it('thirty orders at once, the first that a worker sees, are all paid, and the shop hears of each once', async () => {
  const orderNos = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const { orderNo } = await saga.createOrder();
      await saga.gateway.pay(orderNo);
      // Rejects if anything but its own end ended it.
      await saga.workflow(orderNo).result();
      return orderNo;
    }),
  );
  for (const orderNo of orderNos) {
    expect(await saga.order(orderNo)).toMatchObject({ state: 'paid' });
    expect(shop.of(orderNo)).toMatchObject([{ type: 'order.paid', verified: true }]);
  }
});
