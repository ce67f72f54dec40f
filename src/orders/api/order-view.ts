import type { AttemptRecord, OrderRecord } from '../rules/record.js';
import { readableAttempt, orderFields, readableRefund } from '../rules/view.js';
import type { Gateways } from '../../channels/port.js';
import { checkoutUrl } from '../../checkout/link.js';
import type { AttemptView, OrderView } from './order-schema.js';
import type { IngressDeps } from '../../http/kit/route.js';

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
  return {
    outTradeNo,
    product,
    state,
    codeUrl,
    prepayId,
    h5Url,
    invoke: invokeOf(order, attempt, gateways),
    ...facts,
  };
}

function invokeOf(order: OrderRecord, attempt: AttemptRecord, gateways: Gateways): AttemptView['invoke'] {
  const { product, appid, prepayId } = attempt;
  if (attempt.state !== 'open' || prepayId === null) return null;
  const invoke = gateways.for(order.mchid)?.invoke({ product, appid, prepayId }) ?? null;
  return invoke === null ? null : { ...invoke };
}
