/** The phone page; its texts are filled in by the script in the reader's language. */
export const phonePage = `<!doctype html>
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
<label for="code" data-text="codeLabel">付款码或链接</label>
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
<p id="result" role="status" aria-live="polite"></p>
<a id="back" hidden data-text="back">返回商户</a>
</main>
</body>
</html>
`;
