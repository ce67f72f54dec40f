import { Hono } from 'hono';
import { z } from 'zod';
import type { Merchant } from '../identity/merchants.js';
import { applyRefund, type ApplyRefusal } from '../refund/apply.js';
import { digits, outRefundNoPattern, outTradeNoPattern } from '../trade/number.js';
import { newTrade } from '../trade/prepay.js';
import { closedTrade, tradeTypes, type Trade } from '../trade/trade.js';
import { notifyUrl } from '../wire/v3/fields.js';
import type { ControlDeps } from './deps.js';
import { tradeRow } from './trades.js';
import { refundRow } from './refunds.js';
import { chosenMerchant, readBody, refuse, requireOwn } from './request.js';

const fen = z.int().min(1);

const tradeSchema = z.strictObject({
  outTradeNo: z.string().regex(outTradeNoPattern, '6 to 32 digits, letters or _-|*'),
  totalFen: fen,
  appid: z.string().optional(),
  state: z.enum(['NOTPAY', 'SUCCESS', 'REFUND', 'CLOSED']),
  tradeType: z.enum(tradeTypes).default('NATIVE'),
  notifyUrl: notifyUrl(255).optional(),
  /** Of one that is paid: when it was, absent: now. */
  successTime: z.iso.datetime({ offset: true }).optional(),
});

const refundSchema = z.strictObject({
  outTradeNo: z.string(),
  outRefundNo: z.string().regex(outRefundNoPattern, '1 to 64 digits, letters or _-|*@').optional(),
  refundFen: fen,
  notify: z.enum(['v2', 'v3']).nullable().default(null),
  notifyUrl: notifyUrl(256).optional(),
});

/** What somebody else made at WeChat Pay: another system of this merchant, or a person in the merchant platform. */
export function outsideRoutes(deps: ControlDeps): Hono {
  const app = new Hono();
  app.post('/trades', async (c) => {
    const body = await readBody(c, tradeSchema);
    return c.json(tradeRow(makeTrade(deps, chosenMerchant(c, deps.merchants), body)));
  });
  app.post('/refunds', async (c) => {
    const body = await readBody(c, refundSchema);
    return c.json(refundRow(makeRefund(deps, chosenMerchant(c, deps.merchants), body)));
  });
  return app;
}

function makeTrade(deps: ControlDeps, merchant: Merchant, body: z.infer<typeof tradeSchema>): Trade {
  const { store, trades, clock, pay } = deps;
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
  const paidAt = body.successTime === undefined ? undefined : Date.parse(body.successTime);
  if (state === 'SUCCESS' || state === 'REFUND') pay({ trade: made, paidAt });
  if (state === 'REFUND') refundOutside(deps, trades.find(row.mchid, outTradeNo) ?? made, { refundFen: totalFen });
  return trades.find(row.mchid, outTradeNo) ?? made;
}

function makeRefund(deps: ControlDeps, { row }: Merchant, body: z.infer<typeof refundSchema>) {
  const trade =
    deps.trades.find(row.mchid, body.outTradeNo) ?? refuse(404, 'unknown_trade', 'no trade has this number');
  if (body.notify === 'v2')
    refuse(400, 'invalid_request', 'notify: v2 comes with API v2, which this sandbox does not serve yet');
  const url = body.notify === null ? undefined : (body.notifyUrl ?? trade.notifyUrl);
  if (body.notify !== null && url === undefined)
    refuse(400, 'invalid_request', 'notifyUrl: the trade has none of its own');
  return refundOutside(deps, trade, { ...body, notifyUrl: url });
}

interface OutsideRefund {
  outRefundNo?: string | undefined;
  refundFen: number;
  notifyUrl?: string | undefined;
}

function refundOutside(deps: ControlDeps, trade: Trade, wanted: OutsideRefund) {
  const { refunds, accounts, clock, refundLife } = deps;
  const { mchid, outTradeNo } = trade;
  const outRefundNo = wanted.outRefundNo ?? `${digits(14)}${digits(14)}`;
  if (refunds.find(mchid, outRefundNo)) refuse(409, 'refund_exists', 'this number has its refund');
  const request = {
    ...{ mchid, outTradeNo, outRefundNo, refundFen: wanted.refundFen, notifyUrl: wanted.notifyUrl },
    ...{ totalFen: trade.payment?.totalFen ?? 0, fundsAccount: 'AVAILABLE', from: [] },
    signingSerial: trade.signingSerial,
  };
  const books = { trade, earlier: refunds.ofTrade(mchid, outTradeNo), ...accounts.of(mchid), now: clock.now() };
  const result = applyRefund(request, { existing: undefined, ...books });
  if ('refused' in result) return refuse(409, result.refused, refusals[result.refused]);
  refundLife.begin(result.refund, trade);
  return result.refund;
}

const refusals: Record<ApplyRefusal, string> = {
  changed: 'this number has its refund',
  unknown: 'the trade is not paid',
  mismatch: 'the trade has another amount',
  overdue: 'the payment is older than 365 days',
  tooMany: 'the trade has its 50 refunds',
  tooSoon: 'a minute must lie between two refunds',
  tooMuch: 'so much is not left of it',
  notEnough: 'the balance does not hold so much',
};
