import { Hono } from 'hono';
import { z } from 'zod';
import { payerKinds } from '../code-scan/auth-code.js';
import type { Gateway } from '../gateway.js';
import { chosenMchid, readBody, refuse } from './request.js';

export const codeSchema = z.strictObject({
  payer: z.enum(payerKinds).default('pays'),
  openid: z.string().min(1).max(128).optional(),
  afterMs: z.int().min(0).max(86_400_000).default(2000),
  couponFen: z.int().min(0).optional(),
});

/** The payer of code scan: shows a code, and turns the prompt for the password away. */
export function codeRoutes({ authCodes, charges, merchants, trades }: Gateway): Hono {
  const app = new Hono();
  app.post('/codes', async (c) => c.json({ authCode: authCodes.make(await readBody(c, codeSchema)) }));
  app.post('/refuse', async (c) => {
    const { outTradeNo } = await readBody(c, z.strictObject({ outTradeNo: z.string() }));
    const found = trades.find(chosenMchid(c, merchants), outTradeNo);
    const trade = found ?? refuse(404, 'unknown_trade', 'no trade has this number');
    if (charges.refuse(trade)) return c.body(null, 204);
    return c.json({ reason: 'no_prompt', message: 'the payer is not asked for a password' }, 409);
  });
  return app;
}
