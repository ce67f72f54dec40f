import { Hono } from 'hono';
import { findByCode, parseCode } from '../control/code.js';
import type { ControlDeps } from '../control/deps.js';
import { refuse } from '../control/request.js';
import { reasons } from '../control/payments.js';
import { refusal } from '../trade/pay.js';
import { phonePage } from './page.js';
import { phoneScript } from './script.js';
import { phoneStyle } from './style.js';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A phone for people without one: look a code up, see what it asks for, pay. */
export function phoneRoutes({ clock, trades }: ControlDeps): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('Content-Security-Policy', policy);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Permissions-Policy', 'camera=(self)');
    c.header('Cache-Control', 'no-store');
  });
  app.get('/phone', (c) => c.html(phonePage));
  app.get('/phone.js', (c) => c.body(phoneScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
  app.get('/phone.css', (c) => c.body(phoneStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/h5', (c) => c.redirect(`/sandbox/phone${new URL(c.req.url).search}`));
  app.get('/phone/trade', (c) => {
    const code = c.req.query('code');
    const trade = findByCode(trades, code) ?? refuse(404, 'unknown_trade', 'no trade has this code');
    const refused = refusal({ trade, code: parseCode(code) }, clock.now());
    return c.json({
      mchid: trade.mchid,
      outTradeNo: trade.outTradeNo,
      description: trade.description,
      totalFen: trade.totalFen,
      tradeType: trade.tradeType,
      refused: refused && { reason: refused, message: reasons[refused] },
    });
  });
  return app;
}
