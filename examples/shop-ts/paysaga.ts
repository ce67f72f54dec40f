import { z } from 'zod';

/** PaySaga's API with a merchant's key: the one place that knows how it is called. A typed client can take it. */
export function createPaySaga(url: string, key: string) {
  /** Every call may be repeated: numbers are the shop's own. Throws the code that PaySaga answers. */
  async function call<T>(method: string, path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
    const response = await fetch(`${url}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const answer: unknown = await response.json();
    if (response.ok) return schema.parse(answer);
    throw new Error(`${method} ${path}: ${z.object({ code: z.string() }).parse(answer).code}`);
  }
  return {
    createOrder: (order: object) => call('POST', '/orders', orderSchema.extend({ checkoutUrl: z.string() }), order),
    reportFulfilment: (orderNo: string, outcome: 'fulfilled' | 'rejected') =>
      call('POST', `/orders/${orderNo}/fulfilment`, orderSchema, { outcome }),
    refund: (orderNo: string, refund: { refundNo: string; amountFen: number; reason: string }) =>
      call('POST', `/orders/${orderNo}/refunds`, z.object({ state: z.string() }), refund),
  };
}

const orderSchema = z.object({
  orderNo: z.string(),
  version: z.number(),
  state: z.string(),
  fulfilment: z.string(),
  amountFen: z.number(),
  refundedFen: z.number(),
});
export type Order = z.infer<typeof orderSchema>;

/** `{type, timestamp, data}`; types that the shop does not know have no order, as `test` and those of days. */
export const eventSchema = z.object({ type: z.string(), data: z.object({ order: orderSchema.optional() }) });
