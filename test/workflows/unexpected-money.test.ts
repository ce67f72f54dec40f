import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderNo } from '../../src/domain/ids.js';
import { startSaga, type Saga } from '../support/saga.js';
import { startShopEndpoint, type ShopEndpoint } from '../support/shop-endpoint.js';
import { until } from '../support/until.js';

let saga: Saga;
let shop: ShopEndpoint;
beforeAll(async () => {
  shop = await startShopEndpoint();
  saga = await startSaga({ endpoint: shop });
});
afterAll(async () => {
  await saga.stop();
  await shop.close();
});

async function closedOrder(fields: Record<string, unknown> = {}): Promise<OrderNo> {
  const { orderNo } = await saga.createOrder(fields);
  expect((await saga.call('POST', `/v1/orders/${orderNo}/close`)).body).toMatchObject({ state: 'closed' });
  return orderNo;
}

describe('money after closing', () => {
  it('goes back, once, under one number', async () => {
    const orderNo = await closedOrder();
    await saga.gateway.pay(orderNo, { force: true });
    const order = await saga.orderWhen(orderNo, ({ returnedFen }) => returnedFen === 1200);
    expect(order).toMatchObject({ state: 'closed', closedReason: 'cancelled', paidFen: 0, stuckReason: null });
    expect(order.refunds).toEqual([
      expect.objectContaining({ refundNo: `${orderNo}@return`, cause: 'late_payment', state: 'succeeded' }),
    ]);
    expect(await saga.gateway.refunds(orderNo)).toMatchObject([{ refund: 1200, status: 'SUCCESS' }]);
    await saga.refundWorkflow(`${orderNo}@return`).result();
    const types = await until('the events', () => {
      const heard = shop.of(orderNo).map(({ type }) => type);
      return heard.includes('refund.succeeded') && heard;
    });
    expect(types).toEqual(['order.closed', 'refund.succeeded']);
    expect(shop.of(orderNo).every(({ verified }) => verified)).toBe(true);
  });
});
