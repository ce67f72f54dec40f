import { z } from '@hono/zod-openapi';
import type { Mchid } from '../../base/ids.js';
import { orderSchema, type AttemptView, type OrderView } from './order-schema.js';
import { answer, mchidQuery } from '../../http/kit/call.js';
import type { AttemptRecord, OrderRecord } from '../rules/record.js';
import { readableAttempt, orderFields, readableRefund } from '../rules/view.js';
import type { Gateways } from '../../channels/port.js';
import { checkoutUrl } from '../../checkout/link.js';
import type { IngressDeps } from '../../http/kit/route.js';

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

/** The payer's code was charged, and nobody knows yet whether it is paid. */
export const isBeingCharged = ({ state, attempts }: OrderRecord): boolean =>
  state === 'awaitingPayment' &&
  attempts.some((it) => it.product === 'codeScan' && (it.state === 'open' || it.state === 'preparing'));

/** The order as every call answers it. `invoke` is signed anew each time. */
export function viewOf(deps: IngressDeps, order: OrderRecord): OrderView {
  const fields = orderFields(order);
  return {
    ...fields,
    coupons: [...fields.coupons],
    checkoutUrl: checkoutUrl(deps.publicUrl(), deps.checkoutKey, order),
    attempts: order.attempts.map((attempt) => attemptView(order, attempt, deps.gateways)),
    refunds: order.refunds.map(readableRefund),
  };
}

function attemptView(order: OrderRecord, attempt: AttemptRecord, gateways: Gateways): AttemptView {
  const { outTradeNo, product, state, ...facts } = readableAttempt(attempt);
  const { codeUrl, prepayId, h5Url } = attempt;
  const invoke = invokeOf(order, attempt, gateways);
  return { outTradeNo, product, state, codeUrl, prepayId, h5Url, invoke, ...facts };
}

function invokeOf(order: OrderRecord, attempt: AttemptRecord, gateways: Gateways): AttemptView['invoke'] {
  const { product, appid, prepayId } = attempt;
  if (attempt.state !== 'open' || prepayId === null) return null;
  const invoke = gateways.for(order.mchid)?.invoke({ product, appid, prepayId }) ?? null;
  return invoke === null ? null : { ...invoke };
}
