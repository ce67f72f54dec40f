import { z } from 'zod';
import type { QueryAnswer } from '../../domain/gateway-answer.js';
import { fen } from './fen.js';
import { paymentFacts } from './payment-facts.js';
import { cleaned, maybeText, text, token } from './text.js';

const anyTrade = z.object({ mchid: z.string(), out_trade_no: z.string(), trade_state: z.string() });

/** What decides about a trade that somebody paid: in a query's answer and, decrypted, in a payment notify. */
export const paidTransaction = z.object({
  mchid: token(32),
  appid: text(64),
  out_trade_no: token(32),
  transaction_id: token(32),
  /** Decides for JSAPI only: there what is no text is none of its words. */
  trade_type: maybeText(32).transform((word) => word ?? ''),
  amount: z.object({
    total: fen,
    /** Absent means CNY. */
    currency: text(16)
      .nullish()
      .transform((currency) => currency ?? 'CNY'),
  }),
});

/** What a query said about the trade that was asked for; `undefined` when it is not an answer to that question. */
export function readTrade(body: unknown, asked: { mchid: string; outTradeNo: string }): QueryAnswer | undefined {
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
      return { kind: 'unrecognised', tradeState: cleaned(trade.trade_state, 64) };
  }
}

function paid(kind: 'paid' | 'refunded', body: unknown): QueryAnswer | undefined {
  const transaction = paidTransaction.safeParse(body).data;
  if (transaction === undefined) return undefined;
  const { payment, successAtMs } = paymentFacts(body);
  const { mchid, appid, amount } = transaction;
  const trade = {
    transactionId: transaction.transaction_id,
    mchid,
    appid,
    tradeType: transaction.trade_type,
    totalFen: amount.total,
    currency: amount.currency,
    successAtMs,
  };
  return { kind, trade, payment };
}
