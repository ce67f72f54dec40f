import { Hono } from 'hono';
import { z } from 'zod';
import { ofTrade } from '../fault/fault.js';
import type { Gateway } from '../gateway.js';
import type { Merchant } from '../identity/merchants.js';
import { beijingTime } from '../store/clock.js';
import { outTradeNoPattern } from '../trade/number.js';
import { payRefusals } from '../trade/pay.js';
import { newTrade, parseCode } from '../trade/prepay.js';
import { closedTrade, everPaid, payerTotalOf, tradeTypes, type Trade } from '../trade/trade.js';
import { isField } from '../trade/transaction.js';
import { notifyUrl } from '../wire/fields.js';
import { refundExternally } from './refunds.js';
import { chosenMchid, chosenMerchant, readBody, refuse, requireOwn } from './request.js';

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

const foreignSchema = z.strictObject({
  outTradeNo: z.string().regex(outTradeNoPattern, '6 to 32 digits, letters or _-|*'),
  totalFen: z.int().min(1),
  appid: z.string().optional(),
  state: z.enum(['NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED']),
  tradeType: z.enum(tradeTypes).default('NATIVE'),
  notifyUrl: notifyUrl(255).optional(),
  /** Of a paid trade; absent: now. */
  successTime: z.iso.datetime({ offset: true }).optional(),
});

export function tradeRoutes(gateway: Gateway): Hono {
  const { faults, merchants, pay, trades } = gateway;
  const app = new Hono();
  app.post('/pay', async (c) => {
    const mchid = chosenMchid(c, merchants);
    const body = await readBody(c, paySchema);
    const code = parseCode(body.codeUrl ?? body.prepayId);
    // Without `?mchid=` a code finds its trade whichever merchant has it.
    const found =
      body.outTradeNo === undefined
        ? trades.findByCode(c.req.query('mchid'), code)
        : trades.find(mchid, body.outTradeNo);
    const trade = found ?? refuse(404, 'unknown_trade', 'no trade has this number or code');
    requireOwn(merchants.find(trade.mchid), body.appid);
    const fault = faults.take(trade.mchid, 'pay', ofTrade(trade.outTradeNo));
    const chargedFen = fault?.kind === 'wrongAmount' ? (fault.totalFen ?? trade.totalFen + 1) : undefined;
    const result = pay({ ...body, trade, code, chargedFen });
    if ('refused' in result) return c.json({ reason: result.refused, message: payRefusals[result.refused] }, 409);
    return c.json(result);
  });
  app.get('/trades', (c) => c.json(trades.ofMerchant(chosenMchid(c, merchants)).map(tradeRow)));
  app.post('/trades', async (c) => {
    const body = await readBody(c, foreignSchema);
    return c.json(tradeRow(foreignTrade(gateway, chosenMerchant(c, merchants), body)));
  });
  return app;
}

function tradeRow(trade: Trade) {
  const payment = everPaid(trade);
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

/** Makes a trade as another system of the merchant's would have. */
function foreignTrade(gateway: Gateway, merchant: Merchant, body: z.infer<typeof foreignSchema>): Trade {
  const { store, trades, clock, pay } = gateway;
  const { row } = merchant;
  const { outTradeNo, totalFen, tradeType, state } = body;
  const appid = body.appid ?? row.appid;
  requireOwn(merchant, appid);
  if (trades.find(row.mchid, outTradeNo)) refuse(409, 'trade_exists', 'this number has its trade');
  const made = newTrade(
    {
      ...{ mchid: row.mchid, outTradeNo, totalFen, tradeType, appid, notifyUrl: body.notifyUrl },
      description: 'made by somebody else',
      signingSerial: row.publicKeyId,
    },
    clock.now(),
  );
  store.write(trades.put(state === 'CLOSED' ? closedTrade(made) : made));
  const now = () => trades.find(row.mchid, outTradeNo) ?? made;
  const paidAt = body.successTime === undefined ? undefined : Date.parse(body.successTime);
  if (state === 'SUCCESS' || state === 'REFUND') pay({ trade: made, paidAt });
  if (state === 'REFUND') refundExternally(gateway, now(), { refundFen: totalFen });
  return now();
}
