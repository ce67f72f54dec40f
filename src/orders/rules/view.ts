import type { RefundRecord } from '../../refunds/rules/record.js';
import { shopDataOf, type AttemptRecord, type OrderRecord } from './record.js';

/** An order as every reader sees it, less what lets somebody pay. Plain JSON; times are ISO 8601, absent is null. */
export function readableOrder(order: OrderRecord) {
  const { attempts, refunds } = order;
  return { ...orderFields(order), attempts: attempts.map(readableAttempt), refunds: refunds.map(readableRefund) };
}

export type OrderFields = ReturnType<typeof orderFields>;

/** All of {@link readableOrder} but its lists. */
export function orderFields(order: OrderRecord) {
  const paid = paidAttemptOf(order);
  return {
    orderNo: order.orderNo,
    mchid: order.mchid,
    version: order.version,
    state: order.state,
    closedReason: order.closedReason,
    reviewReason: order.reviewReason,
    ending: order.ending,
    stuckReason: order.stuckReason,
    amountFen: order.amountFen,
    currency: 'CNY' as const,
    paidFen: order.paidFen,
    payerFen: payerFen(order),
    ...paymentOf(paid),
    refundedFen: paid?.refundedFen ?? 0,
    refundingFen: paid?.refundingFen ?? 0,
    returnedFen: order.returnedFen,
    fulfilment: order.fulfilment,
    description: order.description,
    ...shopDataOf(order),
    expiresAt: order.expiresAt.toISOString(),
    createdAt: order.createdAt.toISOString(),
    paidAt: iso(order.paidAt),
    closedAt: iso(order.closedAt),
  };
}

function paymentOf(paid: AttemptRecord | undefined) {
  const { payer, tradeType, payerCurrency, payerAmount, coupons, couponsLeftOut } = paid?.payment ?? NO_PAYMENT;
  return { payer, tradeType, payerCurrency, payerAmount, coupons, couponsLeftOut };
}

const NO_PAYMENT = {
  ...{ payer: null, tradeType: null, payerCurrency: null, payerAmount: null },
  ...{ coupons: [], couponsLeftOut: 0 },
};

/** The attempt that made the order paid. */
export const paidAttemptOf = ({ attempts, paidAttempt }: OrderRecord): AttemptRecord | undefined =>
  attempts.find((attempt) => attempt.outTradeNo === paidAttempt);

/** What the payer paid for a paid order, `null` where that is not fen. */
export function payerFen(order: OrderRecord): number | null {
  const paid = paidAttemptOf(order);
  if (paid === undefined) return 0;
  const { payerCurrency, payerAmount } = paid.payment ?? { payerCurrency: 'CNY', payerAmount: paid.paidFen };
  return payerCurrency === 'CNY' ? payerAmount : null;
}

export function readableAttempt(attempt: AttemptRecord) {
  return {
    outTradeNo: attempt.outTradeNo,
    product: attempt.product,
    state: attempt.state,
    codeExpiresAt: iso(attempt.codeExpiresAt),
    transactionId: attempt.transactionId,
    paidFen: attempt.paidFen,
    refundedFen: attempt.refundedFen,
    refundingFen: attempt.refundingFen,
    gateway: attempt.gateway,
  };
}

/** As its order lists it. */
export function readableRefund(refund: RefundRecord) {
  const { outRefundNo, outTradeNo, amountFen, state, cause, reason } = refund;
  return { refundNo: outRefundNo, outTradeNo, amountFen, state, cause, reason, ...saidOf(refund) };
}

const saidOf = ({ refundId, channel, receivedAccount, acceptedAt, gateway }: RefundRecord) => {
  return { refundId, channel, receivedAccount, acceptedAt: iso(acceptedAt), gateway };
};

/** As every call about it is answered. */
export function refundAnswer(refund: RefundRecord) {
  return {
    refundNo: refund.outRefundNo,
    orderNo: refund.orderNo,
    mchid: refund.mchid,
    outTradeNo: refund.outTradeNo,
    amountFen: refund.amountFen,
    state: refund.state,
    cause: refund.cause,
    reason: refund.reason,
    ...saidOf(refund),
    offline: refund.offline,
    createdAt: refund.createdAt.toISOString(),
    succeededAt: iso(refund.succeededAt),
  };
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
