import type { AttemptRecord, OrderRecord } from '../domain/order/record.js';
import type { Gateways } from '../gateway/port.js';
import type { AttemptView, OrderView } from './order-schema.js';

export type OrderViewDeps = {
  readonly gateways: Gateways;
  readonly checkoutUrlOf: (order: OrderRecord) => string;
};

/** The order as every call answers it. `invoke` is signed anew each time. */
export function orderView(order: OrderRecord, deps: OrderViewDeps): OrderView {
  const paid = order.attempts.find((attempt) => attempt.outTradeNo === order.paidAttempt);
  return {
    orderNo: order.orderNo,
    mchid: order.mchid,
    version: order.version,
    state: order.state,
    closedReason: order.closedReason,
    reviewReason: order.reviewReason,
    stuckReason: order.stuckReason,
    amountFen: order.amountFen,
    currency: 'CNY',
    paidFen: order.paidFen,
    payerFen: order.payerFen,
    refundedFen: paid?.refundedFen ?? 0,
    refundingFen: paid?.refundingFen ?? 0,
    returnedFen: order.returnedFen,
    fulfilment: order.fulfilment,
    description: order.description,
    metadata: order.metadata,
    expiresAt: order.expiresAt.toISOString(),
    createdAt: order.createdAt.toISOString(),
    paidAt: iso(order.paidAt),
    closedAt: iso(order.closedAt),
    checkoutUrl: deps.checkoutUrlOf(order),
    attempts: order.attempts.map((attempt) => attemptView(order, attempt, deps.gateways)),
    refunds: [],
  };
}

function attemptView(order: OrderRecord, attempt: AttemptRecord, gateways: Gateways): AttemptView {
  return {
    outTradeNo: attempt.outTradeNo,
    product: attempt.product,
    state: attempt.state,
    codeUrl: attempt.codeUrl,
    prepayId: attempt.prepayId,
    h5Url: attempt.h5Url,
    invoke: invokeOf(order, attempt, gateways),
    codeExpiresAt: iso(attempt.codeExpiresAt),
    transactionId: attempt.transactionId,
    paidFen: attempt.paidFen,
    refundedFen: attempt.refundedFen,
    refundingFen: attempt.refundingFen,
  };
}

function invokeOf(order: OrderRecord, attempt: AttemptRecord, gateways: Gateways): AttemptView['invoke'] {
  const { product, appid, prepayId } = attempt;
  if (attempt.state !== 'open' || prepayId === null) return null;
  const invoke = gateways.for(order.mchid)?.invoke({ product, appid, prepayId }) ?? null;
  return invoke === null ? null : { ...invoke };
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
