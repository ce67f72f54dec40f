import { z } from '@hono/zod-openapi';
import type { Mchid } from '../../base/ids.js';
import { orderSchema } from './order-schema.js';
import { answer, mchidQuery } from '../../http/kit/call.js';

/** What every call about one order has in common: its path, its merchant, its answer. */
export const orderRequest = {
  params: z.object({ orderNo: z.string().openapi({ param: { name: 'orderNo', in: 'path' }, example: 'A-1001' }) }),
  query: mchidQuery,
};

type OrderCall = {
  readonly var: { readonly mchid: Mchid };
  readonly req: { valid(target: 'param'): { orderNo: string } };
};

export const orderRefOf = (c: OrderCall) => ({ mchid: c.var.mchid, orderNo: c.req.valid('param').orderNo });

export const orderContent = (description: string) => answer(description, orderSchema);
