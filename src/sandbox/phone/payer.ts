import { Hono } from 'hono';
import { z } from 'zod';
import { payerKinds } from '../code-scan/auth-code.js';
import { readBody } from '../control/request.js';
import type { Gateway } from '../gateway.js';
import type { Trade } from '../trade/trade.js';
import { code128, qrCode } from './symbols.js';

const afterMs = 2000;
const mostPrompts = 5;

/** The phone as the payer of code scan: the code on its screen, and the prompts for the password. */
export function payerRoutes({ authCodes, clock, trades }: Gateway): Hono {
  const app = new Hono();
  app.post('/phone/code', async (c) => {
    const { payer } = await readBody(c, z.strictObject({ payer: z.enum(payerKinds) }));
    const authCode = authCodes.make({ payer, afterMs });
    return c.json({ authCode, barcode: code128(authCode), qr: qrCode(authCode) });
  });
  /** What became of a code is in a body: a code stands in no address. */
  app.post('/phone/charges', async (c) => {
    const { authCode } = await readBody(c, z.strictObject({ authCode: z.string().optional() }));
    const prompts = trades.prompting().slice(-mostPrompts).map(chargeOf);
    return c.json({ prompts, own: authCode === undefined ? undefined : stateOf(authCode) });
  });
  const stateOf = (authCode: string) => {
    const { usedBy, expiresAt = 0 } = authCodes.find(authCode) ?? {};
    const trade = usedBy && trades.find(usedBy.mchid, usedBy.outTradeNo);
    if (!trade) return { state: clock.now() < expiresAt ? 'LIVE' : 'EXPIRED' };
    return { ...chargeOf(trade), state: trade.state, transactionId: trade.payment?.transactionId };
  };
  return app;
}

const chargeOf = ({ mchid, outTradeNo, description, totalFen }: Trade) => ({
  mchid,
  outTradeNo,
  description,
  totalFen,
});
