import { Hono } from 'hono';
import { z } from 'zod';
import type { Gateway } from '../gateway.js';
import type { Merchant } from '../identity/merchants.js';
import type { ApplyRefusal } from '../refund/apply.js';
import type { Refund } from '../refund/refund.js';
import { digits, outRefundNoPattern } from '../trade/number.js';
import type { Trade } from '../trade/trade.js';
import { notifyUrl } from '../wire/fields.js';
import { chosenMchid, chosenMerchant, readBody, refuse } from './request.js';

const settleSchema = z.strictObject({ status: z.enum(['SUCCESS', 'ABNORMAL', 'CLOSED']) });
const balanceSchema = z.strictObject({ balanceFen: z.int().min(0).nullable() });
const maxDelayMs = 10 * 365 * 86_400_000;
const delayMs = z.int().min(0).max(maxDelayMs).exactOptional();
const settingsSchema = z
  .strictObject({ refundDelayMs: delayMs, reverseAfterMs: delayMs })
  .refine((body) => Object.keys(body).length > 0, 'refundDelayMs or reverseAfterMs');

const externalSchema = z.strictObject({
  outTradeNo: z.string(),
  outRefundNo: z.string().regex(outRefundNoPattern, '1 to 64 digits, letters or _-|*@').optional(),
  refundFen: z.int().min(1),
  notify: z.enum(['v2', 'v3']).nullable().default(null),
  notifyUrl: notifyUrl(256).optional(),
});

export function refundRoutes(gateway: Gateway): Hono {
  const { accounts, merchants, refunds, refundLife, store } = gateway;
  const app = new Hono();
  app.get('/refunds', (c) => c.json(refunds.ofMerchant(chosenMchid(c, merchants)).map(refundRow)));
  app.post('/refunds', async (c) => {
    const body = await readBody(c, externalSchema);
    return c.json(refundRow(externalRefund(gateway, chosenMerchant(c, merchants), body)));
  });
  app.post('/refunds/:outRefundNo/settle', async (c) => {
    const { status } = await readBody(c, settleSchema);
    const found = refunds.find(chosenMchid(c, merchants), c.req.param('outRefundNo'));
    const refund = found ?? refuse(404, 'unknown_refund', 'no refund has this number');
    const settled = refundLife.settle(refund, status);
    if (settled) return c.json(refundRow(settled));
    return c.json({ reason: refund.status.toLowerCase(), message: `the refund is ${refund.status} already` }, 409);
  });
  app.put('/balance', async (c) => {
    const { balanceFen } = await readBody(c, balanceSchema);
    store.write(accounts.put(chosenMchid(c, merchants), { balanceFen }));
    return c.json({ balanceFen });
  });
  app.get('/balance', (c) => c.json({ balanceFen: accounts.of(chosenMchid(c, merchants)).balanceFen }));
  app.put('/settings', async (c) => {
    const settings = await readBody(c, settingsSchema);
    store.write(accounts.put(chosenMchid(c, merchants), settings));
    return c.json(settings);
  });
  return app;
}

function refundRow(refund: Refund) {
  return {
    mchid: refund.mchid,
    out_refund_no: refund.outRefundNo,
    out_trade_no: refund.outTradeNo,
    refund_id: refund.refundId,
    refund: refund.refundFen,
    status: refund.status,
  };
}

function externalRefund(gateway: Gateway, { row }: Merchant, body: z.infer<typeof externalSchema>): Refund {
  const trade =
    gateway.trades.find(row.mchid, body.outTradeNo) ?? refuse(404, 'unknown_trade', 'no trade has this number');
  const url = body.notify === null ? undefined : (body.notifyUrl ?? trade.notifyUrl);
  if (body.notify !== null && url === undefined)
    refuse(400, 'invalid_request', 'notifyUrl: the trade has none of its own');
  return refundExternally(gateway, trade, { ...body, notifyUrl: url });
}

type ExternalBody = z.infer<typeof externalSchema>;
type ExternalRefund = Pick<ExternalBody, 'outRefundNo' | 'refundFen' | 'notifyUrl'> &
  Partial<Pick<ExternalBody, 'notify'>>;

/** Makes a refund as another system of the merchant's would have, or a person in the merchant platform. */
export function refundExternally({ refunds, refundLife }: Gateway, trade: Trade, wanted: ExternalRefund): Refund {
  const { mchid, outTradeNo } = trade;
  const outRefundNo = wanted.outRefundNo ?? `${digits(14)}${digits(14)}`;
  if (refunds.find(mchid, outRefundNo)) refuse(409, 'refund_exists', 'this number has its refund');
  const request = {
    ...{ mchid, outTradeNo, outRefundNo, refundFen: wanted.refundFen, notifyUrl: wanted.notifyUrl },
    ...{ totalFen: trade.payment?.totalFen ?? 0, fundsAccount: 'AVAILABLE', from: [] },
    signingSerial: trade.signingSerial,
    // Nothing in a refund notify of API v2 is signed.
    signType: wanted.notify === 'v2' ? ('MD5' as const) : undefined,
  };
  const result = refundLife.apply(request, trade);
  return 'refund' in result ? result.refund : refuse(409, result.refused, refusals[result.refused]);
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
