import { z } from '@hono/zod-openapi';
import { loadOrder } from '../../orders/store/order.js';
import { type Mchid, type OrderNo, parseOrderNo } from '../../base/ids.js';
import type { OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../../http/kit/api-error.js';
import { checkoutUrl } from '../../checkout/url.js';
import type { IngressDeps } from '../../http/kit/route.js';
import { orderSchema, type OrderView } from './order-schema.js';
import { orderView } from './order-view.js';

/** What every call about one order has in common: its path, its merchant, its answer. */
export const orderParams = z.object({
  orderNo: z.string().openapi({ param: { name: 'orderNo', in: 'path' }, example: 'A-1001' }),
});

export const orderContent = (description: string) => ({
  description,
  content: { 'application/json': { schema: orderSchema } },
});

/** One order of the caller's merchant, by the number that came. */
export type OrderCall = { readonly mchid: Mchid; readonly orderNo: string };

/** Throws `order_not_found` for a number no order can have. */
export function requireOrderNo(text: string): OrderNo {
  const orderNo = parseOrderNo(text);
  if (!orderNo.ok) throw notFound();
  return orderNo.value;
}

/** The order as Postgres holds it now. Throws `order_not_found`. */
export async function requireOrder(deps: IngressDeps, mchid: Mchid, orderNo: string): Promise<OrderRecord> {
  const order = await loadOrder(deps.connection.db, { mchid, orderNo: requireOrderNo(orderNo) });
  if (order === undefined) throw notFound();
  return order;
}

const notFound = (): ApiError => new ApiError('order_not_found', 'This merchant has no order with that number.');

export const viewOf = (deps: IngressDeps, order: OrderRecord): OrderView =>
  orderView(order, {
    gateways: deps.gateways,
    checkoutUrlOf: (record) => checkoutUrl(deps.publicUrl(), deps.checkoutKey, record),
  });

/** Throws the conflict a finished order answers to whoever wants to pay it. */
export function requirePayable(order: OrderRecord): void {
  if (order.state === 'closed')
    throw new ApiError('order_closed', `The order is closed (${order.closedReason ?? ''}).`);
  if (order.state === 'paid') throw new ApiError('order_not_payable', 'The order is paid.');
  if (order.state === 'review') throw new ApiError('order_not_payable', 'The order is in review.');
}
