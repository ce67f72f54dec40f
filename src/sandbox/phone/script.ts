/** Runs in the browser; sets texts as text, never as markup. */
export const phoneScript = String.raw`'use strict';
const texts = {
  zh: {
    title: '沙箱手机', note: '这里花的不是真钱。', codeLabel: '二维码内容或链接', lookup: '查看', scan: '扫一扫', stop: '停止扫码',
    merchant: '商户号', order: '商户订单号', product: '支付方式', pay: '支付', back: '返回商户', empty: '请先粘贴二维码内容或链接。',
    unknown_trade: '没有这个二维码，请回到商户页面重新获取。', paid: '这笔订单已经支付过了。', closed: '这笔订单已关闭。',
    expired: '已过支付时间。', code_replaced: '二维码已被新的替换，请扫新的。', code_expired: '二维码已过期，请重新获取。',
    wrong_payer: '这笔订单只能由下单的用户支付。', failed: '没有成功，请再试一次。', done: '支付成功', number: '微信支付订单号', camera: '无法打开摄像头。',
    wallet: '我的付款码', payerLabel: '商户扫码之后', pays: '直接支付，不用密码', password: '2 秒后输入密码', refuses: '2 秒后拒绝',
    silent: '由我在这里决定', show: '出示付款码', codeLife: '一分钟内有效，只能用一次。', prompt: '请输入支付密码', refuse: '拒绝',
    own_code_expired: '付款码已过期，请重新出示。', refused: '付款人已拒绝支付。', reversed: '商户已撤销这笔订单。', no_prompt: '这笔订单不再等待密码。',
  },
  en: {
    title: 'Sandbox phone', note: 'No real money is spent here.', codeLabel: 'Code or link', lookup: 'Look up', scan: 'Scan', stop: 'Stop scanning',
    merchant: 'Merchant', order: 'Order number', product: 'Product', pay: 'Pay', back: 'Back to the merchant', empty: 'Paste a code or a link first.',
    unknown_trade: 'No trade has this code. Get a new one from the merchant.', paid: 'This trade is already paid.', closed: 'This trade is closed.',
    expired: 'The time to pay is over.', code_replaced: 'A newer code replaced this one. Scan the new one.', code_expired: 'This code is too old. Get a new one.',
    wrong_payer: 'Only the user who ordered can pay this.', failed: 'That did not work. Try again.', done: 'Paid', number: 'Transaction', camera: 'The camera cannot be opened.',
    wallet: 'My payment code', payerLabel: 'Once a merchant scans it', pays: 'Pay without a password', password: 'Type the password after 2 s', refuses: 'Refuse after 2 s',
    silent: 'Let me decide here', show: 'Show my code', codeLife: 'Good for one minute and one payment.', prompt: 'Type your password', refuse: 'Refuse',
    own_code_expired: 'Your code is too old. Show a new one.', refused: 'The payer refused.', reversed: 'The merchant reversed this trade.', no_prompt: 'This trade waits for no password any more.',
  },
};
const products = { NATIVE: 'Native', JSAPI: 'JSAPI / Mini Program', APP: 'App', MWEB: 'H5' };
const at = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.search);
let language = navigator.language.startsWith('zh') ? 'zh' : 'en';
let shown = null;
let outcome = null;
let stream = null;
let mine = null;
let prompts = [];
let lastSeen = '';

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
  drawCode();
  drawPrompts();
  const result = at('result');
  delete result.dataset.result;
  result.textContent = '';
  if (outcome) {
    result.dataset.result = outcome.transactionId ? 'paid' : 'refused';
    result.textContent = outcome.transactionId
      ? '✓ ' + say('done') + (outcome.totalFen ? ' ' + yuan(outcome.totalFen) : '') + '\n' + say('number') + ' ' + outcome.transactionId
      : say(outcome.reason);
  }
}

function drawCode() {
  at('shown-code').hidden = !mine || mine.used;
  if (!mine) return;
  at('digits').textContent = mine.authCode.replace(/^(....)(....)(....)/, '$1 $2 $3 ');
  for (const [id, symbol] of [['barcode', mine.barcode], ['qr', mine.qr]]) {
    at(id).setAttribute('viewBox', '0 0 ' + symbol.width + ' ' + symbol.height);
    at(id).firstElementChild.setAttribute('d', symbol.path);
  }
}

function drawPrompts() {
  const nameOf = (charge) => charge.mchid + '/' + charge.outTradeNo;
  const there = new Map([...at('prompts').children].map((section) => [section.dataset.charge, section]));
  for (const charge of prompts) {
    if (there.delete(nameOf(charge))) continue;
    const section = at('prompt').content.firstElementChild.cloneNode(true);
    section.dataset.charge = nameOf(charge);
    const put = (name, text) => { section.querySelector('.' + name).textContent = text; };
    put('description', charge.description);
    put('amount', yuan(charge.totalFen));
    put('merchant', charge.mchid);
    put('order', charge.outTradeNo);
    section.querySelector('.accept').addEventListener('click', () => answer(charge, 'pay'));
    section.querySelector('.refuse').addEventListener('click', () => answer(charge, 'refuse'));
    for (const element of section.querySelectorAll('[data-text]')) element.textContent = say(element.dataset.text);
    at('prompts').append(section);
  }
  for (const section of there.values()) section.remove();
}

async function ask(path, init) {
  try {
    const response = await fetch(path, init);
    const body = response.status === 204 ? {} : await response.json();
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

function post(path, body, mchid) {
  const headers = { 'Content-Type': 'application/json' };
  const target = '/sandbox/' + path + (mchid ? '?mchid=' + encodeURIComponent(mchid) : '');
  return ask(target, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function pay() {
  at('pay').disabled = true;
  outcome = await post('pay', { codeUrl: shown.code }, shown.mchid);
  if (outcome.transactionId) shown.refused = { reason: 'paid' };
  draw();
}

async function showCode() {
  outcome = null;
  const made = await post('phone/code', { payer: at('payer').value });
  if (made.reason) outcome = made;
  else mine = made;
  draw();
}

async function answer(charge, verb) {
  const result = await post(verb, { outTradeNo: charge.outTradeNo }, charge.mchid);
  outcome = result.transactionId ? { ...result, totalFen: charge.totalFen } : { reason: result.reason || 'refused' };
  await look();
  draw();
}

const ends = { EXPIRED: 'own_code_expired', PAYERROR: 'refused', REVOKED: 'reversed' };

async function look() {
  const code = mine;
  const seen = await post('phone/charges', code ? { authCode: code.authCode } : {});
  if (!seen.prompts || JSON.stringify(seen) === lastSeen) return;
  lastSeen = JSON.stringify(seen);
  prompts = seen.prompts;
  const own = mine === code && seen.own;
  if (own) {
    mine.used = own.state !== 'LIVE';
    if (own.transactionId || ends[own.state]) {
      outcome = own.transactionId ? own : { reason: ends[own.state] };
      mine = null;
    }
  }
  draw();
}

async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, 1000);
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
at('show').addEventListener('click', showCode);
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
watch();
`;
