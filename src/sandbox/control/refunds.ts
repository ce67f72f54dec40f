import { Hono } from 'hono';
import { z } from 'zod';
import type { Refund } from '../refund/refund.js';
import type { ControlDeps } from './deps.js';
import { chosenMerchant, readBody, refuse } from './request.js';

const settleSchema = z.strictObject({ status: z.enum(['SUCCESS', 'ABNORMAL', 'CLOSED']) });
const balanceSchema = z.strictObject({ balanceFen: z.int().min(0).nullable() });
const settingsSchema = z.strictObject({
  refundDelayMs: z
    .int()
    .min(0)
    .max(10 * 365 * 86_400_000),
});

/** How refunds end, what they are paid from, and the refunds as they are. */
export function refundRoutes(deps: ControlDeps): Hono {
  const { accounts, merchants, refunds, refundLife, store } = deps;
  const app = new Hono();
  app.post('/refunds/:outRefundNo/settle', async (c) => {
    const { status } = await readBody(c, settleSchema);
    const found = refunds.find(chosenMerchant(c, merchants).row.mchid, c.req.param('outRefundNo'));
    const refund = found ?? refuse(404, 'unknown_refund', 'no refund has this number');
    const settled = refundLife.settle(refund, status);
    if (settled) return c.json(refundRow(settled));
    return c.json({ reason: refund.status.toLowerCase(), message: `the refund is ${refund.status} already` }, 409);
  });
  app.get('/refunds', (c) => c.json(refunds.ofMerchant(chosenMerchant(c, merchants).row.mchid).map(refundRow)));
  app.put('/balance', async (c) => {
    const { balanceFen } = await readBody(c, balanceSchema);
    store.write(accounts.put(chosenMerchant(c, merchants).row.mchid, { balanceFen }));
    return c.json({ balanceFen });
  });
  app.get('/balance', (c) => c.json({ balanceFen: accounts.of(chosenMerchant(c, merchants).row.mchid).balanceFen }));
  app.put('/settings', async (c) => {
    const { refundDelayMs } = await readBody(c, settingsSchema);
    store.write(accounts.put(chosenMerchant(c, merchants).row.mchid, { refundDelayMs }));
    return c.json({ refundDelayMs });
  });
  return app;
}

export function refundRow(refund: Refund) {
  return {
    mchid: refund.mchid,
    out_refund_no: refund.outRefundNo,
    out_trade_no: refund.outTradeNo,
    refund_id: refund.refundId,
    refund: refund.refundFen,
    status: refund.status,
  };
}
