import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import { failureOf } from '../support/failure-of.js';
import {
  failed,
  fakeMerchant,
  fakeWechatPay,
  isSignedRequest,
  signed,
  type FakeWechatPay,
  type Handler,
} from '../support/fake-wechatpay.js';
import { gatewayOf } from '../support/gateway.js';
import { patienceTests } from '../support/patience.js';
import { TRADE_STATES } from '../support/trade-states.js';
import { attempt, outTradeNo } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const brief = { patience: 'brief' } as const;
const asked = { outTradeNo: outTradeNo('A-10001') };
const codeUrl = 'weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00';

let wechat: FakeWechatPay;
let gateway: Gateway;
beforeEach(async () => {
  wechat = await fakeWechatPay();
  gateway = gatewayAt(wechat.url);
});
afterEach(() => wechat.close());

function gatewayAt(url: string, now = () => new Date()): Gateway {
  return gatewayOf(fakeMerchant(url), {
    now,
    notifyUrl: () => 'https://pay.example.com/notify/wechatpay/v3/1900000001',
    workers: 1,
  });
}

const storedBody = '{"mchid":"1900000001"}';
patienceTests(() => ({ gateway, wechat, accepted: signed(204, '') }));

const prepay = (body = gateway.prepayBody(attempt())) => gateway.prepay({ product: 'native', body }, durable);

test('the stored body, the sent bytes and the signed bytes are the same', async () => {
  wechat.answer = signed(200, { code_url: codeUrl });
  const texts = { description: '普洱茶 / "红" \\ \u2028 <&> 😀 \u0007', attach: 'a/b\u00e9\ud800' };
  const body = gateway.prepayBody(attempt(texts));
  await prepay(body);
  await prepay(body);
  for (const seen of wechat.seen) {
    expect(seen.body.equals(Buffer.from(body))).toBe(true);
    expect(isSignedRequest(seen)).toBe(true);
  }
  expect(wechat.seen).toHaveLength(2);
});

test('a body that JSON.stringify did not write is not sent at all', async () => {
  await expect(prepay('{"mchid": "1900000001"}')).rejects.toThrow('exactly what JSON.stringify writes');
  expect(wechat.seen).toHaveLength(0);
});

test('every product has its own address and its own code', async () => {
  const answers = { code_url: codeUrl, prepay_id: 'wx2016', h5_url: 'https://wx.tenpay.com/x' };
  wechat.answer = signed(200, answers);
  const open = (product: 'native' | 'jsapi' | 'miniProgram' | 'app' | 'h5') =>
    gateway.prepay({ product, body: storedBody }, durable);
  const none = { codeUrl: null, prepayId: null, h5Url: null };
  expect(await open('native')).toEqual({ kind: 'opened', codes: { ...none, codeUrl } });
  expect(await open('jsapi')).toEqual({ kind: 'opened', codes: { ...none, prepayId: 'wx2016' } });
  expect(await open('miniProgram')).toEqual({ kind: 'opened', codes: { ...none, prepayId: 'wx2016' } });
  expect(await open('app')).toEqual({ kind: 'opened', codes: { ...none, prepayId: 'wx2016' } });
  expect(await open('h5')).toEqual({ kind: 'opened', codes: { ...none, h5Url: answers.h5_url } });
  const paths = ['native', 'jsapi', 'jsapi', 'app', 'h5'].map((name) => `/v3/pay/transactions/${name}`);
  expect(wechat.seen.map((seen) => seen.target)).toEqual(paths);
});

test('a call names the key that its answer must be signed with', async () => {
  wechat.answer = signed(200, { code_url: codeUrl });
  await prepay();
  expect(wechat.seen[0]?.headers).toMatchObject({
    'wechatpay-serial': 'PUB_KEY_ID_0116000000000000000000000000000001',
    'content-type': 'application/json; charset=utf-8',
    accept: expect.stringContaining('application/json') as string,
    'user-agent': expect.stringMatching(/.+/) as string,
  });
});

test('a number with a star is percent-encoded in the request line and in the signature', async () => {
  wechat.answer = signed(204, '');
  expect(await gateway.close({ outTradeNo: outTradeNo('A-10001*2') }, durable)).toEqual({ kind: 'accepted' });
  const [seen] = wechat.seen;
  expect(seen?.target).toBe('/v3/pay/transactions/out-trade-no/A-10001%2A2/close');
  expect(seen?.body.toString()).toBe('{"mchid":"1900000001"}');
  expect(seen !== undefined && isSignedRequest(seen)).toBe(true);
});

const trade = {
  mchid: '1900000001',
  out_trade_no: 'A-10001',
  appid: 'wx8888888888888888',
  trade_state: 'SUCCESS',
  transaction_id: '4200000000202611220000000001',
  trade_type: 'NATIVE',
  success_time: '2026-11-22T10:34:56+08:00',
  amount: { total: 1_205 },
  something_new: { of: 'tomorrow' },
};

test('a paid trade is read with CNY and the total where WeChat Pay leaves them out', async () => {
  wechat.answer = signed(200, trade);
  expect(await gateway.query(asked, durable)).toEqual({
    kind: 'paid',
    trade: {
      transactionId: '4200000000202611220000000001',
      mchid: '1900000001',
      appid: 'wx8888888888888888',
      tradeType: 'NATIVE',
      totalFen: 1_205,
      currency: 'CNY',
      successAtMs: Date.parse('2026-11-22T02:34:56Z'),
    },
    payment: {
      payer: null,
      tradeType: 'NATIVE',
      payerCurrency: 'CNY',
      payerAmount: 1_205,
      coupons: [],
      couponsLeftOut: 0,
    },
  });
});

test('what WeChat Pay says beside what decides is kept as it says it', async () => {
  const cash = {
    coupon_id: '109519',
    name: '首单\u0000立减',
    scope: 'GLOBAL',
    type: 'CASH',
    amount: 5,
    goods_detail: [],
  };
  wechat.answer = signed(200, {
    ...trade,
    bank_type: 'ICBC_DEBIT',
    payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    amount: { total: 1_200, payer_total: 1_201, currency: 'CNY', payer_currency: 'HKD' },
    promotion_detail: [cash, 'odd', { coupon_id: 7 }],
  });
  expect(await gateway.query(asked, durable)).toMatchObject({
    trade: { totalFen: 1_200, currency: 'CNY' },
    payment: {
      payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', bankType: 'ICBC_DEBIT' },
      payerCurrency: 'HKD',
      payerAmount: 1_201,
      coupons: [
        { couponId: '109519', name: '首单 立减', scope: 'GLOBAL', type: 'CASH', amountFen: 5 },
        { couponId: null, name: null, scope: null, type: null, amountFen: null },
      ],
      couponsLeftOut: 1,
    },
  });
});

const money = { total: 1_205 };
test.each<[string, object, object]>([
  ['no time', { success_time: undefined }, { trade: { successAtMs: null } }],
  ['a time that is none', { success_time: 'yesterday' }, { trade: { successAtMs: null } }],
  ['a year that no database holds', { success_time: '0000-01-01T00:00:00+08:00' }, { trade: { successAtMs: null } }],
  ['a time that is no text', { success_time: 20261122 }, { trade: { successAtMs: null } }],
  ['no trade type', { trade_type: null }, { trade: { tradeType: '' }, payment: { tradeType: null } }],
  ['no payer total', { amount: { ...money, payer_total: null } }, { payment: { payerAmount: 1_205 } }],
  ['an odd payer total', { amount: { ...money, payer_total: '1205' } }, { payment: { payerAmount: 1_205 } }],
  [
    'only the currency of the payer',
    { amount: { ...money, payer_currency: 'USD' } },
    { payment: { payerAmount: null, payerCurrency: 'USD' } },
  ],
  ['an odd currency of the payer', { amount: { ...money, payer_currency: [] } }, { payment: { payerCurrency: 'CNY' } }],
  ['no currency but null', { amount: { ...money, currency: null } }, { trade: { currency: 'CNY' } }],
  ['odd payer, bank and coupons', { payer: 7, bank_type: {}, promotion_detail: 'x' }, { payment: { payer: null } }],
  ['NULs and halves of characters', { bank_type: 'a\u0000b\ud800' }, { payment: { payer: { bankType: 'a b' } } }],
  ['endless text', { bank_type: 'x'.repeat(100_000) }, { payment: { payer: { bankType: 'x'.repeat(32) } } }],
  [
    'a thousand coupons',
    { promotion_detail: Array(1_000).fill({}) },
    { payment: { coupons: { length: 20 }, couponsLeftOut: 980 } },
  ],
])('%s hides no money', async (_, fields, expected) => {
  wechat.answer = signed(200, { ...trade, ...fields });
  expect(await gateway.query(asked, durable)).toMatchObject({ kind: 'paid', trade: { totalFen: 1_205 }, ...expected });
});

test.each(TRADE_STATES)('trade_state %s is translated', async (state, expected) => {
  wechat.answer = signed(200, { ...trade, trade_state: state });
  expect(await gateway.query(asked, durable)).toMatchObject(expected);
});

test.each<[string, object]>([
  ['another merchant', { ...trade, mchid: '1900000002' }],
  ['another number', { ...trade, out_trade_no: 'A-10002' }],
  ['no transaction', { ...trade, transaction_id: undefined }],
  ['a fraction of a fen', { ...trade, amount: { total: 12.5 } }],
  ['a transaction with a NUL', { ...trade, transaction_id: '42\u0000' }],
  ['an endless transaction', { ...trade, transaction_id: '4'.repeat(33) }],
  ['no appid', { ...trade, appid: null }],
  ['no trade at all', { data: [] }],
])('a signed answer with %s tells nothing', async (_, body) => {
  wechat.answer = signed(200, body);
  expect(await failureOf(gateway.query(asked, durable))).toMatchObject({ code: 'unknown' });
});

test.each([
  ['"amount":{', '"amount":{"total":1,'],
  ['"trade_state":', '"trade_state":"NOTPAY","trade_state":'],
  ['"mchid":', '"mchid":"1900000001","mchid":'],
])('a signed answer that says %s twice tells nothing, and nothing is paid', async (said, twice) => {
  const text = JSON.stringify({ ...trade, amount: { total: 1_205 } });
  wechat.answer = signed(200, text.replace(said, twice));
  expect(await failureOf(gateway.query(asked, durable))).toMatchObject({ code: 'unknown' });
  wechat.answer = signed(200, text);
  expect(await gateway.query(asked, durable)).toMatchObject({ kind: 'paid' });
});

test('a prepay or a refusal that says a field twice leaves open what became of it', async () => {
  const native = { product: 'native', body: storedBody } as const;
  wechat.answer = signed(200, '{"code_url":"weixin://wxpay/1","code_url":"weixin://wxpay/2"}');
  expect(await failureOf(gateway.prepay(native, durable))).toMatchObject({ code: 'unknown' });
  wechat.answer = failed(400, '{"code":"ORDER_CLOSED","code":"PARAM_ERROR","message":""}');
  expect(await failureOf(gateway.prepay(native, durable))).toMatchObject({ code: 'unknown' });
});

test.each<[string, 'native' | 'jsapi' | 'h5', object]>([
  ['a code too long to be scanned', 'native', { code_url: `weixin://wxpay/${'x'.repeat(3_000)}` }],
  ['a code of another scheme', 'native', { code_url: 'https://evil.example/pay' }],
  ['a code with a space', 'native', { code_url: 'weixin://wxpay/ bizpayurl' }],
  ['an address in the clear', 'h5', { h5_url: 'http://wx.tenpay.com/x' }],
  ['an address that is a script', 'h5', { h5_url: 'javascript:alert(1)//https://' }],
  ['an endless address', 'h5', { h5_url: `https://wx.tenpay.com/${'x'.repeat(3_000)}` }],
  ['an endless prepay_id', 'jsapi', { prepay_id: 'x'.repeat(3_000) }],
  ['a prepay_id with a line end', 'jsapi', { prepay_id: 'wx2016\n' }],
])('%s is never handed to a payer', async (_, product, body) => {
  wechat.answer = signed(200, body);
  expect(await failureOf(gateway.prepay({ product, body: storedBody }, durable))).toMatchObject({ code: 'unknown' });
});

test('a sandbox on this machine may hand out an address in the clear', async () => {
  const h5_url = 'http://127.0.0.1:8090/sandbox/h5?prepay_id=wx2016';
  wechat.answer = signed(200, { h5_url });
  expect(await gateway.prepay({ product: 'h5', body: storedBody }, durable)).toMatchObject({
    codes: { h5Url: h5_url },
  });
});

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

test.each<[string, Handler, status?: number, words?: object]>([
  ['no signature', failed(200, { code_url: codeUrl }), 200],
  ['a signature of nobody', signed(200, { code_url: codeUrl }, { key: stranger }), 200],
  ['a probe', signed(200, { code_url: codeUrl }, { signature: 'WECHATPAY/SIGNTEST/not+even+base64' }), 200],
  ['a public key that is not configured', signed(200, { code_url: codeUrl }, { serial: 'PUB_KEY_ID_9' }), 200],
  ['HTTP 202', signed(202, { code_url: codeUrl }), 202],
  ['a redirect', failed(302, '', { location: 'https://example.com/' }), 302],
  ['a body that is not its own', failed(403, '<html>blocked</html>'), 403],
  [
    'HTTP 500',
    failed(500, { code: 'SYSTEM_ERROR', message: '系统异常' }),
    500,
    { code: 'SYSTEM_ERROR', message: '系统异常' },
  ],
  ['HTTP 502 from a proxy', failed(502, 'Bad Gateway'), 502],
  ['two megabytes', signed(200, { code_url: 'x'.repeat(2 * 1024 * 1024) })],
  ['a broken connection', (_, response) => void response.destroy()],
  [
    'half an answer',
    (_, response) => void response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
  ],
])('%s leaves the outcome unknown, and says the HTTP status that came', async (_, handler, status, words = {}) => {
  wechat.answer = handler;
  const refusal = status === undefined ? null : { code: null, message: '', detail: null, ...words, status };
  expect(await failureOf(prepay())).toMatchObject({ code: 'unknown', refusal });
  expect(wechat.seen).toHaveLength(1);
});

test.each([
  ['old', -300_000],
  ['from the future', 300_000],
])('a signature five minutes %s leaves the outcome unknown', async (_, aheadMs) => {
  const now = new Date('2026-11-22T10:34:56Z');
  gateway = gatewayAt(wechat.url, () => now);
  wechat.answer = signed(200, { code_url: codeUrl }, { at: new Date(now.getTime() + aheadMs) });
  expect(await failureOf(prepay())).toMatchObject({ code: 'unknown' });
  expect(wechat.seen).toHaveLength(1);
});

test('a changed byte in a signed answer leaves the outcome unknown', async () => {
  const text = JSON.stringify({ code_url: codeUrl });
  wechat.answer = (seen, response) => {
    const end = response.end.bind(response);
    response.end = ((body: string) => end(body.replace('NwY5', 'NwY6'))) as typeof response.end;
    signed(200, { code_url: codeUrl })(seen, response);
  };
  expect(text).toContain('NwY5');
  expect(await failureOf(prepay())).toMatchObject({ code: 'unknown' });
});

test('a gateway that nobody listens at is unreachable: nothing was sent', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  server.close();
  await once(server, 'close');
  const nobody = gatewayAt(`http://localhost:${port ?? 0}`);
  expect(await failureOf(nobody.query(asked, durable))).toMatchObject({ code: 'unreachable' });
});

test('an error tells nothing of the request: no body, no openid, no signature', async () => {
  wechat.answer = (_, response) => void response.destroy();
  const body = gateway.prepayBody(attempt({ product: 'jsapi', openid: 'oSecretOpenid', attach: 'secret' }));
  const error = await failureOf(gateway.prepay({ product: 'jsapi', body }, durable));
  const { inspect } = await import('node:util');
  expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/oSecretOpenid|secret|WECHATPAY2|KeyObject/);
});

test('a definitive refusal carries the status, the code, the message and the parameter', async () => {
  wechat.answer = failed(400, { code: 'PARAM_ERROR', message: '参数错误', detail: { field: '/amount/total' } });
  expect(await prepay()).toEqual({
    kind: 'refused',
    refusal: { status: 400, code: 'PARAM_ERROR', message: '参数错误', detail: { field: '/amount/total', issue: null } },
  });
});

test('changed parameters are told by the internal code only', async () => {
  const body = { code: 'INVALID_REQUEST', message: '请求重入时，参数与首次请求时不一致' };
  wechat.answer = failed(400, body, { 'Request-ID': '08F2C4-268498688' });
  expect(await prepay()).toMatchObject({ kind: 'taken' });
});

test('a query of a number nobody opened is an answer', async () => {
  wechat.answer = failed(404, { code: 'ORDER_NOT_EXIST', message: '订单不存在' });
  expect(await gateway.query(asked, durable)).toEqual({ kind: 'notExist' });
});

test.each<[string, Awaited<ReturnType<Gateway['close']>>['kind']]>([
  ['ORDER_PAID', 'alreadyPaid'],
  ['ORDERPAID', 'alreadyPaid'],
  ['ORDER_CLOSED', 'alreadyClosed'],
  ['ORDER_NOT_EXIST', 'notExist'],
  ['PARAM_ERROR', 'refused'],
])('a close that is told %s is %s', async (code, kind) => {
  wechat.answer = failed(400, { code, message: '' });
  expect(await gateway.close(asked, durable)).toMatchObject({ kind });
});

test('a limit is told with the time to wait', async () => {
  wechat.answer = failed(429, { code: 'FREQUENCY_LIMITED', message: '' }, { 'Retry-After': '7' });
  expect(await failureOf(gateway.query(asked, brief))).toMatchObject({
    code: 'rate_limited',
    gatewayCode: 'FREQUENCY_LIMITED',
    retryAfterMs: 7_000,
  });
  expect(await failureOf(gateway.query(asked, brief))).toMatchObject({ code: 'gate_shut' });
  expect(wechat.seen).toHaveLength(1);
});

test('keys and rights are a matter for a person', async () => {
  wechat.answer = failed(401, { code: 'SIGN_ERROR', message: '签名错误' });
  expect(await failureOf(prepay())).toMatchObject({ code: 'merchant_config', gatewayCode: 'SIGN_ERROR' });
});

test('after three failures in a row a brief call is turned away at once, a durable one tries', async () => {
  for (let i = 0; i < 3; i += 1) await failureOf(gateway.query(asked, brief));
  expect(await failureOf(gateway.query(asked, brief))).toMatchObject({ code: 'gate_shut' });
  expect(wechat.seen).toHaveLength(3);
  wechat.answer = signed(200, { ...trade, trade_state: 'NOTPAY' });
  expect(await gateway.query(asked, durable)).toEqual({ kind: 'notPaid' });
  expect(await gateway.query(asked, brief)).toEqual({ kind: 'notPaid' });
});

test('a gateway in trouble with one call is not shut for the others', async () => {
  for (let i = 0; i < 3; i += 1) await failureOf(gateway.query(asked, brief));
  wechat.answer = signed(204, '');
  expect(await gateway.close(asked, brief)).toEqual({ kind: 'accepted' });
});
