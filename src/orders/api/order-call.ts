import { z } from '@hono/zod-openapi';
import type { OrderRecord } from '../rules/record.js';
import { checkoutUrl } from '../../checkout/link.js';
import type { IngressDeps } from '../../http/kit/route.js';
import { orderSchema, type OrderView } from './order-schema.js';
import { orderView } from './order-view.js';

/** What every call about one order has in common: its path, its merchant, its answer. */
export const orderParams = z.object({
  orderNo: z.string().openapi({ param: { name: 'orderNo', in: 'path' }, example: 'A-1001' }),
});

export const mchidQuery = z.object({
  mchid: z
    .string()
    .optional()
    .openapi({
      param: { name: 'mchid', in: 'query' },
      description: 'Required for an operator key with several merchants.',
    }),
});

export const orderContent = (description: string) => ({
  description,
  content: { 'application/json': { schema: orderSchema } },
});

export const viewOf = (deps: IngressDeps, order: OrderRecord): OrderView =>
  orderView(order, {
    gateways: deps.gateways,
    checkoutUrlOf: (record) => checkoutUrl(deps.publicUrl(), deps.checkoutKey, record),
  });
