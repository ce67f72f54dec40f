import { Hono } from 'hono';
import { z } from 'zod';
import { beijingTime } from '../store/clock.js';
import type { Refusal } from '../trade/pay.js';
import { payerTotalOf, type Trade, type Trades } from '../trade/trade.js';
import { isField } from '../trade/transaction.js';
import type { ControlDeps } from './deps.js';
import { chosenMerchant, readBody, refuse, requireOwn } from './request.js';

const paySchema = z
  .strictObject({
    outTradeNo: z.string().optional(),
    codeUrl: z.string().optional(),
    prepayId: z.string().optional(),
    openid: z.string().min(1).max(128).optional(),
    couponFen: z.int().min(0).optional(),
    appid: z.string().optional(),
    force: z.boolean().optional(),
    payerCurrency: z.string().min(1).max(16).optional(),
    payerTotalFen: z.int().min(0).optional(),
    omit: z.array(z.string().refine(isField, 'no field of a transaction')).optional(),
  })
  .refine(
    (body) => [body.outTradeNo, body.codeUrl, body.prepayId].filter((name) => name !== undefined).length === 1,
    'exactly one of outTradeNo, codeUrl, prepayId',
  );

/** The payer's side: pay, and the trades as they are. */
export function paymentRoutes(deps: ControlDeps): Hono {
  const app = new Hono();
  app.post('/pay', async (c) => {
    const { mchid } = chosenMerchant(c, deps.merchants).row;
    const body = await readBody(c, paySchema);
    const trade = findTrade(deps, body, c.req.query('mchid'), mchid);
    requireOwn(deps.merchants.find(trade.mchid), body.appid);
    const fault = deps.faults.take(trade.mchid, 'pay', trade.outTradeNo);
    const chargedFen = fault?.kind === 'wrongAmount' ? (fault.totalFen ?? trade.totalFen + 1) : undefined;
    const code = parseCode(body.codeUrl ?? body.prepayId);
    const result = deps.pay({ ...body, trade, code, chargedFen });
    if ('refused' in result) return c.json({ reason: result.refused, message: reasons[result.refused] }, 409);
    return c.json(result);
  });
  app.get('/trades', (c) => c.json(deps.trades.ofMerchant(chosenMerchant(c, deps.merchants).row.mchid).map(tradeRow)));
  return app;
}

export const reasons: Record<Refusal, string> = {
  paid: 'the trade is already paid',
  closed: 'the trade is closed',
  expired: 'the time to pay is over',
  code_replaced: 'a later prepay replaced this code',
  code_expired: 'the code is too old',
  wrong_payer: 'a JSAPI trade is paid by the openid of its prepay',
  coupon_too_big: 'the coupon is worth more than the trade',
};

/** A code finds its trade whosever it is, unless `?mchid=` says otherwise. */
function findTrade(
  deps: ControlDeps,
  body: z.infer<typeof paySchema>,
  askedMchid: string | undefined,
  mchid: string,
): Trade {
  const trade =
    body.outTradeNo === undefined
      ? findByCode(deps.trades, body.codeUrl ?? body.prepayId, askedMchid)
      : deps.trades.find(mchid, body.outTradeNo);
  return trade ?? refuse(404, 'unknown_trade', 'no trade has this number or code');
}

export function tradeRow(trade: Trade) {
  const { payment } = trade;
  const paid = payment && {
    total: payment.totalFen,
    payer_total: payerTotalOf(payment),
    transaction_id: payment.transactionId,
    success_time: beijingTime(payment.paidAt),
  };
  return {
    mchid: trade.mchid,
    out_trade_no: trade.outTradeNo,
    trade_state: trade.state,
    trade_type: trade.tradeType,
    ...(paid ?? { total: trade.totalFen, payer_total: null, transaction_id: null, success_time: null }),
  };
}

/** The code inside what a payer holds: a code_url, an h5_url, a `prepay_id=…` package or the bare id. */
export function parseCode(text: string | undefined): string | undefined {
  const match = /[?&](?:pr|prepay_id)=([^&#\s]+)/.exec(`?${(text ?? '').trim().replace('?', '&')}`);
  return match?.[1] ?? text?.trim();
}

export function findByCode(trades: Trades, text: string | undefined, mchid?: string): Trade | undefined {
  const code = parseCode(text);
  return code === undefined || code === '' ? undefined : trades.findByCode(mchid, code);
}
