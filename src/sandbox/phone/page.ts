import { Hono } from 'hono';
import { refuse } from '../control/request.js';
import type { Gateway } from '../gateway.js';
import { payRefusals, refusal } from '../trade/pay.js';
import { parseCode } from '../trade/prepay.js';
import { payerRoutes } from './payer.js';
import { phoneScript } from './script.js';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The payer's phone as a page: look a code up, see the trade, pay; or show a code of one's own. */
export function phoneRoutes(gateway: Gateway): Hono {
  const { clock, trades } = gateway;
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('Content-Security-Policy', policy);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Permissions-Policy', 'camera=(self)');
    c.header('Cache-Control', 'no-store');
  });
  app.route('/', payerRoutes(gateway));
  app.get('/phone', (c) => c.html(phonePage));
  app.get('/phone.js', (c) => c.body(phoneScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
  app.get('/phone.css', (c) => c.body(phoneStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/h5', (c) => c.redirect(`/sandbox/phone${new URL(c.req.url).search}`));
  app.get('/phone/trade', (c) => {
    const code = parseCode(c.req.query('code'));
    const trade = trades.findByCode(undefined, code) ?? refuse(404, 'unknown_trade', 'no trade has this code');
    const refused = refusal({ trade, code }, clock.now());
    return c.json({
      mchid: trade.mchid,
      outTradeNo: trade.outTradeNo,
      description: trade.description,
      totalFen: trade.totalFen,
      tradeType: trade.tradeType,
      refused: refused && { reason: refused, message: payRefusals[refused] },
    });
  });
  return app;
}

/** The script fills in the texts in the reader's language. */
const phonePage = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>沙箱手机 · Sandbox phone</title>
<link rel="stylesheet" href="/sandbox/phone.css">
<script src="/sandbox/phone.js" defer></script>
</head>
<body>
<main>
<header>
<h1 data-text="title">沙箱手机</h1>
<button id="language" type="button" class="quiet" lang="en">English</button>
</header>
<p class="note" data-text="note">这里花的不是真钱。</p>
<form id="form" autocomplete="off">
<label for="code" data-text="codeLabel">二维码内容或链接</label>
<textarea id="code" rows="3" spellcheck="false" autocapitalize="off" placeholder="weixin://wxpay/bizpayurl/up?pr=…"></textarea>
<div class="row">
<button id="lookup" type="submit" data-text="lookup">查看</button>
<button id="scan" type="button" class="quiet" data-text="scan" hidden>扫一扫</button>
</div>
<video id="camera" muted playsinline hidden></video>
</form>
<section id="bill" aria-labelledby="amount" hidden>
<p id="description"></p>
<p id="amount"></p>
<dl>
<dt data-text="merchant">商户号</dt><dd id="merchant"></dd>
<dt data-text="order">商户订单号</dt><dd id="order"></dd>
<dt data-text="product">支付方式</dt><dd id="product"></dd>
</dl>
<button id="pay" type="button" data-text="pay">支付</button>
</section>
<div id="prompts"></div>
<template id="prompt">
<section class="prompt">
<h2 data-text="prompt">请输入支付密码</h2>
<p class="description"></p>
<p class="amount"></p>
<dl>
<dt data-text="merchant">商户号</dt><dd class="merchant"></dd>
<dt data-text="order">商户订单号</dt><dd class="order"></dd>
</dl>
<div class="row"><button class="accept" type="button" data-text="pay">支付</button><button class="refuse quiet" type="button" data-text="refuse">拒绝</button></div>
</section>
</template>
<p id="result" role="status" aria-live="polite"></p>
<a id="back" hidden data-text="back">返回商户</a>
<section id="wallet" aria-labelledby="wallet-title">
<h2 id="wallet-title" data-text="wallet">我的付款码</h2>
<label for="payer" data-text="payerLabel">商户扫码之后</label>
<select id="payer">
<option value="silent" data-text="silent">由我在这里决定</option>
<option value="pays" data-text="pays">直接支付，不用密码</option>
<option value="password" data-text="password">2 秒后输入密码</option>
<option value="refuses" data-text="refuses">2 秒后拒绝</option>
</select>
<div class="row"><button id="show" type="button" data-text="show">出示付款码</button></div>
<figure id="shown-code" hidden>
<svg id="barcode" preserveAspectRatio="none" role="img" aria-labelledby="wallet-title"><path></path></svg>
<p id="digits"></p>
<svg id="qr" role="img" aria-labelledby="wallet-title"><path></path></svg>
<figcaption class="note" data-text="codeLife">一分钟内有效，只能用一次。</figcaption>
</figure>
</section>
</main>
</body>
</html>
`;

const phoneStyle = `
:root { --ink: #17211b; --soft: #66736b; --paper: #fff; --ground: #eef2ef; --line: #dbe2dd; --green: #08783f; --on-green: #fff; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eaf1ec; --soft: #9fada4; --paper: #1b221e; --ground: #101512; --line: #303a34; --green: #37c07c; --on-green: #04130b; --bad: #ff8a80; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "PingFang SC", "Noto Sans SC", sans-serif; }
main { max-width: 26rem; min-height: 100vh; margin: 0 auto; padding: 1.25rem; background: var(--paper); }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .75rem; }
.note { color: var(--soft); margin: .25rem 0 1.25rem; font-size: .875rem; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
textarea, select { width: 100%; padding: .7rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--ground); color: inherit; font: inherit; }
textarea { font: .9rem/1.4 ui-monospace, monospace; resize: vertical; overflow-wrap: anywhere; }
button { font: inherit; font-weight: 600; border: 0; border-radius: .6rem; padding: .7rem 1.2rem; background: var(--green); color: var(--on-green); cursor: pointer; min-height: 44px; }
button:disabled { opacity: .45; cursor: default; }
button.quiet { background: none; color: var(--green); padding: .5rem .6rem; white-space: nowrap; }
button:focus-visible, textarea:focus-visible, select:focus-visible, a:focus-visible { outline: 3px solid var(--green); outline-offset: 2px; }
.row { display: flex; gap: .5rem; margin-top: .7rem; }
video { width: 100%; border-radius: .6rem; margin-top: .7rem; background: #000; }
#bill, #wallet { margin-top: 1.5rem; padding-top: 1.25rem; border-top: 1px dashed var(--line); }
#bill, .prompt, figure { text-align: center; }
.prompt { margin-top: 1.5rem; padding: 1.25rem; border: 2px solid var(--green); border-radius: .9rem; }
#description, .description { margin: 0; overflow-wrap: anywhere; }
#amount, .amount { margin: .2rem 0 1rem; font-size: 2.75rem; font-weight: 700; font-variant-numeric: tabular-nums; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 0 0 1.25rem; text-align: start; font-size: .9rem; }
dt { color: var(--soft); }
dd { margin: 0; text-align: end; overflow-wrap: anywhere; }
#pay, .accept { width: 100%; }
figure { margin: 1rem 0 0; padding: 1rem; border-radius: .9rem; background: #fff; color: #17211b; }
figure .note { margin: .5rem 0 0; color: #66736b; }
#barcode { display: block; width: 100%; height: 5rem; }
#digits { margin: .5rem 0 1rem; font-size: 1.1rem; font-variant-numeric: tabular-nums; letter-spacing: .04em; }
#qr { width: 11rem; height: 11rem; }
svg path { fill: #000; shape-rendering: crispEdges; }
#result { text-align: center; font-size: 1.1rem; font-weight: 600; margin: 1.25rem 0; overflow-wrap: anywhere; white-space: pre-line; }
#result:empty { margin: 0; }
#result[data-result="paid"] { color: var(--green); }
#result[data-result="refused"] { color: var(--bad); }
#back { display: block; text-align: center; color: var(--green); }
@media (prefers-reduced-motion: no-preference) {
  #result[data-result="paid"] { animation: arrive .35s ease-out; }
  @keyframes arrive { from { transform: scale(.85); opacity: 0; } }
}
`;
