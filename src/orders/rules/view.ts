import type { GatewayRefusal, PaymentFacts } from './gateway-answer.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import type { AttemptRecord, OrderRecord } from './record.js';
import type { Product } from './product.js';
import type { RefundCause, RefundStateName } from '../../refunds/rules/states.js';
import type {
  AttemptState,
  ClosedReason,
  Ending,
  FulfilmentState,
  OrderStateName,
  ReviewReason,
  StuckReason,
} from './states.js';

/** An order as every reader sees it, less what lets somebody pay. Plain JSON; times are ISO 8601, absent is null. */
export type OrderFacts = {
  readonly orderNo: string;
  readonly mchid: string;
  readonly version: number;
  readonly state: OrderStateName;
  readonly closedReason: ClosedReason | null;
  readonly reviewReason: ReviewReason | null;
  readonly ending: Ending | null;
  readonly stuckReason: StuckReason | null;
  readonly amountFen: number;
  readonly currency: 'CNY';
  readonly paidFen: number;
  /** What the payer paid, less coupons; `null` in another currency. */
  readonly payerFen: number | null;
  /** Of the attempt that made it paid, as WeChat Pay says. */
  readonly payer: PaymentFacts['payer'];
  readonly tradeType: string | null;
  readonly payerCurrency: string | null;
  readonly payerAmount: number | null;
  readonly coupons: PaymentFacts['coupons'];
  readonly refundedFen: number;
  readonly refundingFen: number;
  readonly returnedFen: number;
  readonly fulfilment: FulfilmentState;
  readonly description: string;
  readonly attach: string | null;
  readonly metadata: OrderRecord['metadata'];
  readonly expiresAt: string;
  readonly createdAt: string;
  readonly paidAt: string | null;
  readonly closedAt: string | null;
  readonly attempts: readonly AttemptFacts[];
  readonly refunds: readonly RefundView[];
};

export type AttemptFacts = {
  readonly outTradeNo: string;
  readonly product: Product;
  readonly state: AttemptState;
  readonly codeExpiresAt: string | null;
  readonly transactionId: string | null;
  readonly paidFen: number;
  readonly refundedFen: number;
  readonly refundingFen: number;
  /** What a prepay or a close of it was refused with last. */
  readonly gateway: GatewayRefusal | null;
};

/** A refund as its order lists it. */
export type RefundView = {
  readonly refundNo: string;
  readonly outTradeNo: string;
  readonly amountFen: number;
  readonly state: RefundStateName;
  readonly cause: RefundCause;
  readonly reason: string | null;
  readonly refundId: string | null;
  readonly channel: string | null;
  readonly receivedAccount: string | null;
  readonly acceptedAt: string | null;
  readonly gateway: GatewayRefusal | null;
};

/** A refund as every refund call answers it. */
export type RefundAnswerView = {
  readonly refundNo: string;
  readonly orderNo: string;
  readonly mchid: string;
  readonly outTradeNo: string;
  readonly amountFen: number;
  readonly state: RefundStateName;
  readonly cause: RefundCause;
  readonly reason: string | null;
  readonly refundId: string | null;
  readonly channel: string | null;
  readonly receivedAccount: string | null;
  readonly acceptedAt: string | null;
  readonly gateway: GatewayRefusal | null;
  readonly offline: boolean;
  readonly createdAt: string;
  readonly succeededAt: string | null;
};

export function orderFacts(order: OrderRecord): OrderFacts {
  const { attempts, refunds } = order;
  return { ...orderFields(order), attempts: attempts.map(attemptFacts), refunds: refunds.map(refundView) };
}

/** All of {@link orderFacts} but its lists. */
export function orderFields(order: OrderRecord): Omit<OrderFacts, 'attempts' | 'refunds'> {
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
    currency: 'CNY',
    paidFen: order.paidFen,
    payerFen: payerFen(order),
    ...paymentOf(paid),
    refundedFen: paid?.refundedFen ?? 0,
    refundingFen: paid?.refundingFen ?? 0,
    returnedFen: order.returnedFen,
    fulfilment: order.fulfilment,
    description: order.description,
    attach: order.attach,
    metadata: order.metadata,
    expiresAt: order.expiresAt.toISOString(),
    createdAt: order.createdAt.toISOString(),
    paidAt: iso(order.paidAt),
    closedAt: iso(order.closedAt),
  };
}

function paymentOf(paid: AttemptRecord | undefined) {
  const { payer, tradeType, payerCurrency, payerAmount, coupons } = paid?.payment ?? NO_PAYMENT;
  return { payer, tradeType, payerCurrency, payerAmount, coupons };
}

const NO_PAYMENT = { payer: null, tradeType: null, payerCurrency: null, payerAmount: null, coupons: [] };

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

export function attemptFacts(attempt: AttemptRecord): AttemptFacts {
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

export function refundView(refund: RefundRecord): RefundView {
  const { outRefundNo, outTradeNo, amountFen, state, cause, reason } = refund;
  return { refundNo: outRefundNo, outTradeNo, amountFen, state, cause, reason, ...saidOf(refund) };
}

const saidOf = ({ refundId, channel, receivedAccount, acceptedAt, gateway }: RefundRecord) => {
  return { refundId, channel, receivedAccount, acceptedAt: iso(acceptedAt), gateway };
};

export function refundAnswer(refund: RefundRecord): RefundAnswerView {
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
