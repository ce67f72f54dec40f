import { z } from 'zod';
import type { PaidTrade, TradeAnswer } from '../../domain/gateway-answer.js';
import { fen } from './fen.js';

const anyTrade = z.object({ mchid: z.string(), out_trade_no: z.string(), trade_state: z.string() });

/** A trade somebody paid: the body of a query's answer and, decrypted, of a payment notify. Unknown fields are let pass. */
export const paidTransaction = z.object({
  mchid: z.string().min(1),
  appid: z.string().min(1),
  out_trade_no: z.string().min(1).max(32),
  transaction_id: z.string().min(1).max(32),
  trade_type: z.string().min(1),
  success_time: z.iso.datetime({ offset: true }),
  amount: z.object({
    total: fen,
    payer_total: fen.optional(),
    /** Absent means CNY. */
    currency: z.string().default('CNY'),
  }),
});

export type PaidTransaction = z.infer<typeof paidTransaction>;

/** What a query said about the trade that was asked for; `undefined` when it is not an answer to that question. */
export function readTrade(body: unknown, asked: { mchid: string; outTradeNo: string }): TradeAnswer | undefined {
  const trade = anyTrade.safeParse(body).data;
  if (trade === undefined || trade.mchid !== asked.mchid || trade.out_trade_no !== asked.outTradeNo) return undefined;
  switch (trade.trade_state.replaceAll('_', '')) {
    case 'SUCCESS':
      return paid('paid', body);
    // At least one refund was asked for; the payment itself stands beside it.
    case 'REFUND':
      return paid('refunded', body);
    // The last two belong to code scanning; either way nobody has paid.
    case 'NOTPAY':
    case 'USERPAYING':
    case 'PAYERROR':
      return { kind: 'notPaid' };
    case 'CLOSED':
      return { kind: 'closed' };
    default:
      return { kind: 'unrecognised', tradeState: trade.trade_state };
  }
}

function paid(kind: 'paid' | 'refunded', body: unknown): TradeAnswer | undefined {
  const transaction = paidTransaction.safeParse(body);
  return transaction.success ? { kind, trade: tradeOf(transaction.data) } : undefined;
}

function tradeOf(transaction: PaidTransaction): PaidTrade {
  const { total, payer_total: payerTotal, currency } = transaction.amount;
  return {
    transactionId: transaction.transaction_id,
    mchid: transaction.mchid,
    appid: transaction.appid,
    tradeType: transaction.trade_type,
    totalFen: total,
    payerFen: payerTotal ?? total,
    currency,
    successAtMs: Date.parse(transaction.success_time),
  };
}
