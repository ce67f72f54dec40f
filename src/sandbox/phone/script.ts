/** Runs in the browser; sets texts as text, never as markup. */
export const phoneScript = String.raw`'use strict';
const texts = {
  zh: {
    title: '沙箱手机', note: '这里花的不是真钱。', codeLabel: '付款码或链接', lookup: '查看', scan: '扫一扫', stop: '停止扫码',
    merchant: '商户号', order: '商户订单号', product: '支付方式', pay: '支付', back: '返回商户', empty: '请先粘贴付款码或链接。',
    unknown_trade: '没有这个付款码，请回到商户页面重新获取。', paid: '这笔订单已经支付过了。', closed: '这笔订单已关闭。',
    expired: '已过支付时间。', code_replaced: '付款码已被新的替换，请扫新的。', code_expired: '付款码已过期，请重新获取。',
    wrong_payer: '这笔订单只能由下单的用户支付。', failed: '没有成功，请再试一次。', done: '支付成功', number: '微信支付订单号', camera: '无法打开摄像头。',
  },
  en: {
    title: 'Sandbox phone', note: 'No real money is spent here.', codeLabel: 'Code or link', lookup: 'Look up', scan: 'Scan', stop: 'Stop scanning',
    merchant: 'Merchant', order: 'Order number', product: 'Product', pay: 'Pay', back: 'Back to the merchant', empty: 'Paste a code or a link first.',
    unknown_trade: 'No trade has this code. Get a new one from the merchant.', paid: 'This trade is already paid.', closed: 'This trade is closed.',
    expired: 'The time to pay is over.', code_replaced: 'A newer code replaced this one. Scan the new one.', code_expired: 'This code is too old. Get a new one.',
    wrong_payer: 'Only the user who ordered can pay this.', failed: 'That did not work. Try again.', done: 'Paid', number: 'Transaction', camera: 'The camera cannot be opened.',
  },
};
const products = { NATIVE: 'Native', JSAPI: 'JSAPI / Mini Program', APP: 'App', MWEB: 'H5' };
const at = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.search);
let language = navigator.language.startsWith('zh') ? 'zh' : 'en';
let shown = null;
let outcome = null;
let stream = null;

function say(key) { return texts[language][key] || texts[language].failed; }
function yuan(fen) { return '¥' + Math.floor(fen / 100) + '.' + String(fen % 100).padStart(2, '0'); }

function draw() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = say(element.dataset.text);
  at('language').textContent = language === 'zh' ? 'English' : '中文';
  at('language').lang = language === 'zh' ? 'en' : 'zh-CN';
  if (stream) at('scan').textContent = say('stop');
  at('bill').hidden = !shown;
  if (shown) {
    at('description').textContent = shown.description;
    at('amount').textContent = yuan(shown.totalFen);
    at('merchant').textContent = shown.mchid;
    at('order').textContent = shown.outTradeNo;
    at('product').textContent = products[shown.tradeType] || shown.tradeType;
    at('pay').disabled = Boolean(shown.refused);
  }
  const result = at('result');
  delete result.dataset.result;
  result.textContent = '';
  if (outcome) {
    result.dataset.result = outcome.transactionId ? 'paid' : 'refused';
    result.textContent = outcome.transactionId
      ? '✓ ' + say('done') + '\n' + say('number') + ' ' + outcome.transactionId
      : say(outcome.reason);
  }
}

async function ask(path, init) {
  try {
    const response = await fetch(path, init);
    const body = await response.json();
    return response.ok ? body : { reason: body.reason || body.code || 'failed' };
  } catch {
    return { reason: 'failed' };
  }
}

async function lookUp() {
  const code = at('code').value.trim();
  shown = null;
  outcome = null;
  if (!code) outcome = { reason: 'empty' };
  else {
    const answer = await ask('/sandbox/phone/trade?code=' + encodeURIComponent(code));
    if (answer.reason) outcome = answer;
    else {
      shown = { ...answer, code };
      outcome = answer.refused || null;
    }
  }
  draw();
  if (shown && !shown.refused) at('pay').focus();
}

async function pay() {
  at('pay').disabled = true;
  const body = JSON.stringify({ codeUrl: shown.code });
  const headers = { 'Content-Type': 'application/json' };
  outcome = await ask('/sandbox/pay?mchid=' + encodeURIComponent(shown.mchid), { method: 'POST', headers, body });
  if (outcome.transactionId) shown.refused = { reason: 'paid' };
  draw();
}

function stopScanning() {
  for (const track of stream ? stream.getTracks() : []) track.stop();
  stream = null;
  at('camera').hidden = true;
  draw();
}

async function scan() {
  if (stream) return stopScanning();
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch {
    outcome = { reason: 'camera' };
    return draw();
  }
  const camera = at('camera');
  camera.srcObject = stream;
  camera.hidden = false;
  draw();
  await camera.play();
  const detector = new BarcodeDetector({ formats: ['qr_code'] });
  while (stream) {
    const [found] = await detector.detect(camera);
    if (found && stream) {
      at('code').value = found.rawValue;
      stopScanning();
      await lookUp();
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

at('form').addEventListener('submit', (event) => { event.preventDefault(); lookUp(); });
at('pay').addEventListener('click', pay);
at('scan').addEventListener('click', scan);
at('language').addEventListener('click', () => { language = language === 'zh' ? 'en' : 'zh'; draw(); });
at('scan').hidden = !('BarcodeDetector' in window && navigator.mediaDevices);

const back = parameters.get('redirect_url');
if (back && /^https?:\/\//.test(back)) {
  at('back').href = back;
  at('back').hidden = false;
}
draw();
const given = parameters.get('code') || parameters.get('prepay_id');
if (given) {
  at('code').value = given;
  lookUp();
}
`;
