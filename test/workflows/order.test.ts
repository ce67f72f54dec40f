import { describe, expect, it } from 'vitest';
import { useSaga } from '../support/saga.js';

const saga = useSaga();

describe('an order', () => {
  it('goes from its QR code to paid by its notify, and its workflow ends', async () => {
    const { status, body, orderNo } = await saga.createOrder();
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'awaitingPayment', paidFen: 0, attempts: [{ state: 'open' }] });
    await saga.control('POST', '/pay', { outTradeNo: orderNo });
    const order = await saga.orderWhen(orderNo, ({ state }) => state === 'paid');
    expect(order).toMatchObject({
      paidFen: 1200,
      stuckReason: null,
      attempts: [{ state: 'succeeded', paidFen: 1200 }],
    });
    await saga.workflow(orderNo).result();
  });
});
