import { newRefundId } from '../trade/number.js';
import type { Payment, Trade } from '../trade/trade.js';
import { holdsMoney, type Refund } from './refund.js';

type Asked =
  'mchid' | 'outRefundNo' | 'totalFen' | 'refundFen' | 'fundsAccount' | 'from' | 'signingSerial' | 'signType';

export interface RefundRequest extends Pick<Refund, Asked | 'notifyUrl' | 'request'> {
  outTradeNo: string | undefined;
}

interface Books {
  /** The refund that has this number already. */
  existing: Refund | undefined;
  trade: Trade | undefined;
  earlier: Refund[];
  balanceFen: number | null;
  refundDelayMs: number;
  now: number;
}

export type ApplyRefusal =
  'changed' | 'unknown' | 'mismatch' | 'overdue' | 'tooMany' | 'tooSoon' | 'tooMuch' | 'notEnough';
/** `trade` is absent for a refund that was there before. */
export type ApplyResult = { refund: Refund; trade?: Trade } | { refused: ApplyRefusal };

const refundableMs = 365 * 86_400_000;
const spacingMs = 60_000;
const maxRefunds = 50;

/** The first request of a number makes the refund; a repeat gets that refund as it stands. */
export function applyRefund(request: RefundRequest, books: Books): ApplyResult {
  const { existing, trade } = books;
  if (existing) return existing.request === request.request ? { refund: existing } : { refused: 'changed' };
  const payment = trade?.payment;
  if (!trade || !payment) return { refused: 'unknown' };
  const paid = { ...books, trade, payment };
  const refused = refusal(request, paid);
  return refused ? { refused } : { refund: newRefund(request, paid), trade };
}

type PaidBooks = Books & { trade: Trade; payment: Payment };

function refusal(request: RefundRequest, { trade, payment, earlier, balanceFen, now }: PaidBooks) {
  if ((request.outTradeNo ?? trade.outTradeNo) !== trade.outTradeNo) return 'mismatch';
  if (request.totalFen !== payment.totalFen) return 'mismatch';
  if (now - payment.paidAt > refundableMs) return 'overdue';
  if (sumOf(earlier, 'refundFen') + request.refundFen > payment.totalFen) return 'tooMuch';
  if (earlier.length >= maxRefunds) return 'tooMany';
  if (request.request !== undefined && earlier.some((other) => isTooNear(other, now))) return 'tooSoon';
  return balanceFen !== null && balanceFen < request.refundFen ? 'notEnough' : undefined;
}

/** External refunds need no spacing. */
function isTooNear(other: Refund, now: number): boolean {
  return other.request !== undefined && now - other.createdAt < spacingMs;
}

function newRefund(request: RefundRequest, { trade, payment, earlier, refundDelayMs, now }: PaidBooks): Refund {
  return {
    ...request,
    refundId: newRefundId(now),
    outTradeNo: trade.outTradeNo,
    transactionId: payment.transactionId,
    discountFen: discountShare({
      totalFen: payment.totalFen,
      couponFen: payment.coupon?.amountFen ?? 0,
      refundedFen: sumOf(earlier, 'refundFen'),
      discountedFen: sumOf(earlier, 'discountFen'),
      refundFen: request.refundFen,
    }),
    coupon: payment.coupon,
    payerTotalFen: payment.payerTotalFen,
    createdAt: now,
    status: 'PROCESSING',
    previousStatus: 'NONE',
    dueAt: now + refundDelayMs,
  };
}

function sumOf(refunds: Refund[], amount: 'refundFen' | 'discountFen'): number {
  return refunds.filter(holdsMoney).reduce((sum, refund) => sum + refund[amount], 0);
}

/** `refundedFen` of the earlier refunds, of which `discountedFen` went back to the coupon. */
type Shares = Record<'totalFen' | 'couponFen' | 'refundedFen' | 'discountedFen' | 'refundFen', number>;

/** The coupon's share, pro rata, so rounded that all refunds together give back exactly the coupon and the payer's money. */
export function discountShare(shares: Shares): number {
  const { totalFen, couponFen, refundedFen, discountedFen, refundFen } = shares;
  const proRata = Number((BigInt(couponFen) * BigInt(refundedFen + refundFen)) / BigInt(totalFen)) - discountedFen;
  // Closed refunds leave uneven shares behind.
  return Math.min(refundFen, Math.max(0, proRata));
}
