import type { Refund, Refunds } from '../refund/refund.js';
import { everPaid, type Payment, type Trade, type Trades } from '../trade/trade.js';

export interface Books {
  trades: Trades;
  refunds: Refunds;
}

/** A fee is what the payment cost, or what the refund gives back. */
export type Entry = { at: number; trade: Trade; payment: Payment; feeFen: bigint } & (
  { kind: 'payment' } | { kind: 'reversal'; refundId: string } | { kind: 'refund' | 'closedRefund'; refund: Refund }
);

/** What happened to a merchant's money: a trade's payment, its refunds as they were accepted, their closures, its reverse. */
export function* entriesOf({ trades, refunds }: Books, mchid: string): Generator<Entry> {
  for (const trade of trades.ofMerchant(mchid)) {
    const payment = everPaid(trade);
    if (!payment) continue;
    const feeFen = feeOf(payment.totalFen);
    yield { kind: 'payment', at: payment.paidAt, trade, payment, feeFen };
    const earlier: Refund[] = [];
    for (const refund of refunds.ofTrade(mchid, trade.outTradeNo)) {
      const back = { trade, payment, refund, feeFen: feeBack(refund, payment, earlier) };
      yield { kind: 'refund', at: refund.createdAt, ...back };
      const closedAt = closedAtOf(refund);
      if (closedAt !== undefined) yield { kind: 'closedRefund', at: closedAt, ...back };
      earlier.push(refund);
    }
    const { reversed } = trade;
    if (reversed) yield { kind: 'reversal', at: reversed.at, trade, payment, feeFen, refundId: reversed.refundId };
  }
}

/** In the order of their times; what happened at the same time stays as the books have it. */
export const inOrder = (entries: Entry[]): Entry[] => entries.sort((a, b) => a.at - b.at);

export const feeRate = '0.60%';

/** Rounded to the fen. */
const feeOf = (settledFen: number): bigint => (BigInt(settledFen) * 60n + 5000n) / 10_000n;

/** The fee falls to that of the money which is left, so that all refunds together give back exactly the fee. */
function feeBack(refund: Refund, payment: Payment, earlier: Refund[]): bigint {
  const held = earlier.filter((other) => (closedAtOf(other) ?? Infinity) > refund.createdAt);
  const leftFen = payment.totalFen - held.reduce((sum, other) => sum + other.refundFen, 0);
  return feeOf(leftFen) - feeOf(leftFen - refund.refundFen);
}

/** Refunds that were closed before their time was kept count as closed at once. */
function closedAtOf({ status, closedAt, createdAt }: Refund): number | undefined {
  return status === 'CLOSED' ? (closedAt ?? createdAt) : undefined;
}
