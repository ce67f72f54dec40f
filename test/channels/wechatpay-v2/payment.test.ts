import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import { failureOf } from '../support/failure-of.js';
import {
  fakeWechatPayV2,
  isSignedV2,
  refusedV2,
  sentV2,
  signedV2,
  v2GatewayOf,
  withSign,
  xmlOf,
  type FakeWechatPayV2,
  type V2Handler,
} from '../support/fake-wechatpay-v2.js';
import { patienceTests } from '../support/patience.js';
import { TRADE_STATES } from '../support/trade-states.js';
import { attempt, outTradeNo } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const brief = { patience: 'brief' } as const;
const asked = { outTradeNo: outTradeNo('A-10001') };
const codeUrl = 'weixin://wxpay/bizpayurl?pr=NwY5Mz9';

let wechat: FakeWechatPayV2;
let gateway: Gateway;
beforeEach(async () => {
  wechat = await fakeWechatPayV2();
  gateway = v2GatewayOf(wechat.merchant);
});
afterEach(() => wechat.close());

patienceTests(() => ({ gateway, wechat, accepted: signedV2({}) }));

const prepay = (body = gateway.prepayBody(attempt())) => gateway.prepay({ product: 'native', body }, durable);

const expiresAt = new Date('2066-11-22T18:05:09Z');

test('a prepay is what the order says, in Beijing time, signed anew each time over the same parameters', async () => {
  wechat.answer = signedV2({ code_url: codeUrl });
  const body = gateway.prepayBody(attempt({ expiresAt, description: '普洱茶 <&> "红"', attach: 'a]]>b' }));
  expect(await prepay(body)).toEqual({ kind: 'opened', codes: { codeUrl, prepayId: null, h5Url: null } });
  await prepay(body);
  const [first, second] = wechat.seen.map(({ fields: { nonce_str, sign, ...fields } }) => ({
    nonce_str,
    sign,
    fields,
  }));
  expect(first?.fields).toMatchObject({
    appid: 'wx8888888888888888',
    mch_id: '1900000001',
    body: '普洱茶 <&> "红"',
    out_trade_no: 'A-10001',
    fee_type: 'CNY',
    total_fee: '1205',
    spbill_create_ip: '127.0.0.1',
    time_expire: '20661123020509',
    notify_url: 'https://pay.example.com/notify/wechatpay/v2/1900000001/payment',
    trade_type: 'NATIVE',
    product_id: 'A-10001',
    sign_type: 'HMAC-SHA256',
  });
  expect(second?.fields).toEqual(first?.fields);
  expect(second?.nonce_str).not.toBe(first?.nonce_str);
  expect(wechat.seen.map(({ path }) => path)).toEqual(['/pay/unifiedorder', '/pay/unifiedorder']);
});

test('calls are signed by the rule; with MD5 where the merchant says so', async () => {
  wechat.answer = signedV2({ code_url: codeUrl });
  await prepay();
  const { credentials, ...merchant } = wechat.merchant;
  gateway = v2GatewayOf({ ...merchant, credentials: { ...credentials, signType: 'MD5' } });
  await prepay();
  expect(wechat.seen.map((seen) => [seen.fields['sign_type'], seen.fields['sign']?.length, isSignedV2(seen)])).toEqual([
    ['HMAC-SHA256', 64, true],
    ['MD5', 32, true],
  ]);
});

test('the stored body holds neither nonce nor sign, and is the same each time', () => {
  const body = gateway.prepayBody(attempt({ expiresAt }));
  expect(gateway.prepayBody(attempt({ expiresAt }))).toBe(body);
  expect(body).not.toMatch(/nonce_str|sign/);
});

test('an end that WeChat Pay would refuse for being near is put off; PaySaga closes at its own', () => {
  const near = new Date(Date.now() + 60_000);
  const { time_expire: told = '' } = JSON.parse(gateway.prepayBody(attempt({ expiresAt: near }))) as Record<
    string,
    string
  >;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(told) ?? [];
  const toldMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  expect(toldMs - Date.now()).toBeGreaterThan(300_000);
  expect(toldMs - Date.now()).toBeLessThanOrEqual(360_000);
});

test('every product has its own trade type and its own code', async () => {
  const answers = { code_url: codeUrl, prepay_id: 'wx2016', mweb_url: 'https://wx.tenpay.com/x' };
  wechat.answer = signedV2(answers);
  const none = { codeUrl: null, prepayId: null, h5Url: null };
  const opened = async (product: 'native' | 'jsapi' | 'miniProgram' | 'app' | 'h5') => {
    const payer = { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', clientIp: '203.0.113.7', h5Type: 'iOS' as const };
    const body = gateway.prepayBody(attempt({ product, ...payer }));
    return gateway.prepay({ product, body }, durable);
  };
  expect(await opened('native')).toEqual({ kind: 'opened', codes: { ...none, codeUrl } });
  expect(await opened('jsapi')).toEqual({ kind: 'opened', codes: { ...none, prepayId: 'wx2016' } });
  expect(await opened('miniProgram')).toEqual({ kind: 'opened', codes: { ...none, prepayId: 'wx2016' } });
  expect(await opened('app')).toEqual({ kind: 'opened', codes: { ...none, prepayId: 'wx2016' } });
  expect(await opened('h5')).toEqual({ kind: 'opened', codes: { ...none, h5Url: answers.mweb_url } });
  const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
  const scene_info = '{"h5_info":{"type":"IOS"}}';
  const of = ({ fields: { trade_type, openid, scene_info, product_id } }: (typeof wechat.seen)[number]) => ({
    ...{ trade_type, openid, scene_info, product_id },
  });
  expect(wechat.seen.map(of)).toEqual([
    { trade_type: 'NATIVE', product_id: 'A-10001' },
    { trade_type: 'JSAPI', openid },
    { trade_type: 'JSAPI', openid },
    { trade_type: 'APP' },
    { trade_type: 'MWEB', scene_info },
  ]);
  expect(new Set(wechat.seen.map(({ fields }) => fields['spbill_create_ip']))).toEqual(new Set(['203.0.113.7']));
});

test('a prepay of a product without what it needs is a bug', () => {
  expect(() => gateway.prepayBody(attempt({ product: 'jsapi' }))).toThrow('openid');
  expect(() => gateway.prepayBody(attempt({ product: 'h5', h5Type: 'Wap' }))).toThrow('client IP');
  expect(() => gateway.prepayBody(attempt({ product: 'h5', clientIp: '203.0.113.7' }))).toThrow('h5 type');
});

test.each<[string, 'native' | 'jsapi' | 'h5', Record<string, string>]>([
  ['a code too long to be scanned', 'native', { code_url: `weixin://wxpay/${'x'.repeat(3_000)}` }],
  ['a code of another scheme', 'native', { code_url: 'https://evil.example/pay' }],
  ['an address in the clear', 'h5', { mweb_url: 'http://wx.tenpay.com/x' }],
  ['an address that is a script', 'h5', { mweb_url: 'javascript:alert(1)//https://' }],
  ['no prepay_id', 'jsapi', { code_url: codeUrl }],
])('%s is never handed to a payer', async (_, product, fields) => {
  wechat.answer = signedV2(fields);
  expect(await failureOf(gateway.prepay({ product, body: '{}' }, durable))).toMatchObject({ code: 'unknown' });
});

const trade = {
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  is_subscribe: 'N',
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  bank_type: 'ICBC_DEBIT',
  total_fee: '1205',
  settlement_total_fee: '1105',
  fee_type: 'CNY',
  cash_fee: '1005',
  cash_fee_type: 'CNY',
  coupon_fee: '200',
  coupon_count: '2',
  coupon_id_0: '10000',
  coupon_type_0: 'CASH',
  coupon_fee_0: '100',
  coupon_id_1: '10001',
  coupon_fee_1: '100',
  transaction_id: '4200000000202611220000000001',
  out_trade_no: 'A-10001',
  attach: '',
  time_end: '20261122183456',
  trade_state_desc: '支付成功',
  something_new: 'of tomorrow',
};

test('a paid trade is read with its coupons, and the time of Beijing', async () => {
  wechat.answer = signedV2(trade);
  expect(await gateway.query(asked, durable)).toEqual({
    kind: 'paid',
    trade: {
      transactionId: '4200000000202611220000000001',
      mchid: '1900000001',
      appid: 'wx8888888888888888',
      tradeType: 'NATIVE',
      totalFen: 1_205,
      currency: 'CNY',
      successAtMs: Date.parse('2026-11-22T10:34:56Z'),
    },
    payment: {
      payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', bankType: 'ICBC_DEBIT' },
      tradeType: 'NATIVE',
      payerCurrency: 'CNY',
      payerAmount: 1_005,
      coupons: [
        { couponId: '10000', name: null, scope: null, type: 'CASH', amountFen: 100 },
        { couponId: '10001', name: null, scope: null, type: null, amountFen: 100 },
      ],
      couponsLeftOut: 0,
    },
  });
  expect(wechat.seen[0]).toMatchObject({
    path: '/pay/orderquery',
    fields: { appid: 'wx8888888888888888', mch_id: '1900000001', out_trade_no: 'A-10001' },
  });
});

const without = (...names: (keyof typeof trade)[]): Record<string, string> =>
  Object.fromEntries(Object.entries(trade).filter(([name]) => !names.some((it) => it === name)));

test.each<[string, Record<string, string>, object]>([
  ['no time', without('time_end'), { trade: { successAtMs: null } }],
  ['a time that is none', { ...trade, time_end: '20269999999999' }, { trade: { successAtMs: null } }],
  ['no trade type', without('trade_type'), { trade: { tradeType: '' }, payment: { tradeType: null } }],
  ['no currency', without('fee_type'), { trade: { currency: 'CNY' } }],
  ['an empty currency', { ...trade, fee_type: '' }, { trade: { currency: 'CNY' } }],
  ['no cash', without('cash_fee'), { payment: { payerAmount: 1_205 } }],
  ['odd cash', { ...trade, cash_fee: '10.05' }, { payment: { payerAmount: 1_205 } }],
  [
    'only the currency of the payer',
    { ...without('cash_fee'), cash_fee_type: 'USD' },
    { payment: { payerAmount: null, payerCurrency: 'USD' } },
  ],
  ['no payer and no bank', without('openid', 'bank_type'), { payment: { payer: null } }],
  ['an endless bank', { ...trade, bank_type: 'x'.repeat(1_000) }, { payment: { payer: { bankType: 'x'.repeat(32) } } }],
  [
    'a thousand coupons',
    { ...trade, coupon_count: '1000' },
    { payment: { coupons: { length: 20 }, couponsLeftOut: 980 } },
  ],
  ['coupons that nobody counted', without('coupon_count'), { payment: { coupons: [] } }],
  ['odd coupons', { ...trade, coupon_count: '-1', coupon_fee_0: 'x' }, { payment: { coupons: [] } }],
])('%s hides no money', async (_, fields, expected) => {
  wechat.answer = signedV2(fields);
  expect(await gateway.query(asked, durable)).toMatchObject({ kind: 'paid', trade: { totalFen: 1_205 }, ...expected });
});

test.each(TRADE_STATES)('trade_state %s is translated', async (state, expected) => {
  wechat.answer = signedV2({ ...trade, trade_state: state });
  expect(await gateway.query(asked, durable)).toMatchObject(expected);
});

test('of a trade that nobody paid the number and the state are enough', async () => {
  wechat.answer = signedV2({ out_trade_no: 'A-10001', trade_state: 'NOTPAY', trade_state_desc: '订单未支付' });
  expect(await gateway.query(asked, durable)).toEqual({ kind: 'notPaid' });
});

test.each<[string, Record<string, string>]>([
  ['another number', { ...trade, out_trade_no: 'A-10002' }],
  ['no number', without('out_trade_no')],
  ['no transaction', without('transaction_id')],
  ['a fraction of a fen', { ...trade, total_fee: '12.5' }],
  ['a negative sum', { ...trade, total_fee: '-1205' }],
  ['an exponent', { ...trade, total_fee: '1e3' }],
  ['more than a number holds', { ...trade, total_fee: '99999999999999999' }],
  ['no sum', without('total_fee')],
  ['an endless transaction', { ...trade, transaction_id: '4'.repeat(33) }],
  ['no state', without('trade_state')],
])('a signed answer with %s tells nothing', async (_, fields) => {
  wechat.answer = signedV2(fields);
  expect(await failureOf(gateway.query(asked, durable))).toMatchObject({ code: 'unknown' });
});

test('a close asks for the number; WeChat Pay answers whether it was paid or closed before', async () => {
  wechat.answer = signedV2({ result_msg: 'OK' });
  expect(await gateway.close(asked, durable)).toEqual({ kind: 'accepted' });
  expect(wechat.seen[0]).toMatchObject({ path: '/pay/closeorder', fields: { out_trade_no: 'A-10001' } });
  const answers = ['ORDERPAID', 'ORDER_PAID', 'ORDERCLOSED', 'ORDERNOTEXIST'];
  const kinds: string[] = [];
  for (const code of answers) {
    wechat.answer = refusedV2(code);
    kinds.push((await gateway.close(asked, durable)).kind);
  }
  expect(kinds).toEqual(['alreadyPaid', 'alreadyPaid', 'alreadyClosed', 'notExist']);
});

test.each([
  ['INVALID_REQUEST', '订单生成后5分钟内不能关单'],
  ['PARAM_ERROR', ''],
  ['A_CODE_OF_TOMORROW', ''],
])('a close that is refused with %s says nothing of the trade: it is asked again', async (code, message) => {
  wechat.answer = refusedV2(code, message);
  expect(await failureOf(gateway.close(asked, durable))).toMatchObject({ code: 'unknown', refusal: { code, message } });
});

test('no close is sent within five minutes of the opening', async () => {
  let nowMs = Date.parse('2026-11-22T10:00:00Z');
  const openedAtMs = nowMs;
  gateway = v2GatewayOf(wechat.merchant, { now: () => new Date(nowMs) });
  wechat.answer = signedV2({});
  const close = () => gateway.close({ ...asked, openedAtMs }, durable);
  const notBeforeMs = openedAtMs + 300_000;
  expect(await close()).toEqual({ kind: 'tooEarly', notBeforeMs });
  nowMs = notBeforeMs - 1;
  expect(await close()).toEqual({ kind: 'tooEarly', notBeforeMs });
  expect(wechat.seen).toHaveLength(0);
  nowMs = notBeforeMs;
  expect(await close()).toEqual({ kind: 'accepted' });
  nowMs = openedAtMs;
  expect(await gateway.close(asked, durable)).toEqual({ kind: 'accepted' });
});

const other = 'ffffffffffffffffffffffffffffffff';
const opened = { result_code: 'SUCCESS', code_url: codeUrl };

test.each<[string, V2Handler, status: number | undefined, words?: object]>([
  ['no sign', sentV2(xmlOf({ return_code: 'SUCCESS', ...opened })), 200],
  ['an empty sign', sentV2(xmlOf({ ...withSign(opened), sign: '' })), 200],
  ['a sign of nobody', signedV2({ code_url: codeUrl }, other), 200],
  ['a field that was added', sentV2(xmlOf({ ...withSign(opened), prepay_id: 'wx2016' })), 200],
  ['a field that was changed', sentV2(xmlOf({ ...withSign(opened), code_url: `${codeUrl}x` })), 200],
  ['another merchant', signedV2({ ...opened, mch_id: '1900000002' }), 200],
  ['an unsigned refusal', sentV2(xmlOf({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'ORDERPAID' })), 200],
  [
    'an unsigned failure',
    sentV2(xmlOf({ return_code: 'FAIL', return_msg: '参数格式校验错误' })),
    200,
    { message: '参数格式校验错误' },
  ],
  [
    'a failure that lies about its sign',
    sentV2(xmlOf(withSign({ ...opened, return_code: 'FAIL' }))),
    200,
    { message: 'OK' },
  ],
  ['no result', sentV2(xmlOf(withSign({ code_url: codeUrl }))), 200],
  ['a result of tomorrow', signedV2({ result_code: 'PERHAPS', code_url: codeUrl }), 200],
  ['a trouble of its own', refusedV2('SYSTEMERROR', '系统错误'), 200, { code: 'SYSTEMERROR', message: '系统错误' }],
  ['an element twice', sentV2(xmlOf(withSign(opened)).replace('</xml>', '<sign>x</sign></xml>')), 200],
  ['a page', sentV2('<html>blocked</html>'), 200],
  ['JSON', sentV2('{"return_code":"SUCCESS"}'), 200],
  ['nothing', sentV2(''), 200],
  ['HTTP 500', sentV2(xmlOf(withSign(opened)), 500), 500],
  ['HTTP 502 from a proxy', sentV2('Bad Gateway', 502), 502],
  ['HTTP 201', sentV2(xmlOf(withSign(opened)), 201), 201],
  ['a redirect', sentV2('', 302, { location: 'https://example.com/' }), 302],
  ['more than 64 KiB', signedV2({ ...opened, attach: 'x'.repeat(65_536) }), undefined],
  ['a broken connection', (_, response) => void response.destroy(), undefined],
])('%s leaves the outcome unknown, and says the HTTP status that came', async (_, handler, status, words = {}) => {
  wechat.answer = handler;
  const refusal = status === undefined ? null : { code: null, message: '', detail: null, ...words, status };
  expect(await failureOf(prepay())).toMatchObject({ code: 'unknown', refusal });
  expect(wechat.seen).toHaveLength(1);
});

test('an answer signed with MD5 is proven as well', async () => {
  wechat.answer = signedV2({ code_url: codeUrl, sign_type: 'MD5' }, undefined, 'MD5');
  expect(await prepay()).toMatchObject({ kind: 'opened' });
});

test.each<[string, V2Handler, string]>([
  ['签名错误', sentV2('<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>'), 'SIGNERROR'],
  ['签名错误，请检查后再试', sentV2(xmlOf({ return_code: 'FAIL', return_msg: '签名错误，请检查后再试' })), 'SIGNERROR'],
  [
    'SIGNERROR without a sign',
    sentV2(xmlOf({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'SIGNERROR' })),
    'SIGNERROR',
  ],
  ['SIGNERROR', refusedV2('SIGNERROR', '签名错误'), 'SIGNERROR'],
  [
    'appid and mch_id not match',
    sentV2(xmlOf({ return_code: 'FAIL', return_msg: 'appid and mch_id not match' })),
    'APPID_MCHID_NOT_MATCH',
  ],
  [
    '商户号mch_id不存在',
    sentV2(xmlOf({ return_code: 'FAIL', return_msg: '商户号mch_id不存在' })),
    'APPID_MCHID_NOT_MATCH',
  ],
  ['证书与商户号不匹配', sentV2(xmlOf({ return_code: 'FAIL', return_msg: '证书与商户号不匹配' })), 'CERT_ERROR'],
  ['NOAUTH', refusedV2('NOAUTH', '商户无此接口权限'), 'NOAUTH'],
])('%s is a matter for a person, and nothing happened', async (_, handler, gatewayCode) => {
  wechat.answer = handler;
  expect(await failureOf(prepay())).toMatchObject({ code: 'merchant_config', gatewayCode, refusal: { status: 200 } });
  expect(await failureOf(gateway.query(asked, durable))).toMatchObject({ code: 'merchant_config' });
});

test('a definitive refusal carries the status, the code and the message', async () => {
  wechat.answer = refusedV2('PARAM_ERROR', 'total_fee 参数错误');
  const refusal = { status: 200, code: 'PARAM_ERROR', message: 'total_fee 参数错误', detail: null };
  expect(await prepay()).toEqual({ kind: 'refused', refusal });
});

test('changed parameters are told by the words only', async () => {
  wechat.answer = refusedV2('INVALID_REQUEST', '201 商户订单号重复');
  expect(await prepay()).toMatchObject({ kind: 'taken' });
  wechat.answer = refusedV2('INVALID_REQUEST', '参数错误');
  expect(await prepay()).toMatchObject({ kind: 'refused' });
});

test('a prepay that was stored while the merchant spoke v3 is not sent', async () => {
  const body = JSON.stringify({ mchid: '1900000001', amount: { total: 1_205 }, payer: { openid: 'oSecretOpenid' } });
  const error = await failureOf(prepay(body));
  expect(error).toMatchObject({ code: 'merchant_config', gatewayCode: 'PREPAY_OF_ANOTHER_PROTOCOL' });
  expect(wechat.seen).toHaveLength(0);
});

test('that a number is unknown is believed when it is so under every appid of the merchant', async () => {
  const appids = { native: ['wx8888888888888888', 'wx7777777777777777'], jsapi: ['wx6666666666666666'] };
  gateway = v2GatewayOf({ ...wechat.merchant, appids });
  wechat.answer = refusedV2('ORDERNOTEXIST', '此交易订单号不存在');
  expect(await gateway.query(asked, durable)).toEqual({ kind: 'notExist' });
  const asIn = () => wechat.seen.map(({ fields }) => fields['appid']);
  expect(asIn()).toEqual(['wx8888888888888888', 'wx7777777777777777', 'wx6666666666666666']);
  wechat.seen.length = 0;
  wechat.answer = (seen, response) =>
    (seen.fields['appid'] === 'wx7777777777777777' ? signedV2(trade) : refusedV2('ORDERNOTEXIST'))(seen, response);
  expect(await gateway.query(asked, durable)).toMatchObject({ kind: 'paid' });
  expect(asIn()).toEqual(['wx8888888888888888', 'wx7777777777777777']);
});

test('a gateway that nobody listens at is unreachable: nothing was sent', async () => {
  const { url } = wechat;
  await wechat.close();
  const nobody = v2GatewayOf({ ...wechat.merchant });
  expect(url).toMatch(/^http/);
  expect(await failureOf(nobody.query(asked, durable))).toMatchObject({ code: 'unreachable' });
  wechat = await fakeWechatPayV2();
});

test('a limit is told, and keeps the next call here', async () => {
  wechat.answer = sentV2('', 429, { 'Retry-After': '7' });
  expect(await failureOf(gateway.query(asked, brief))).toMatchObject({ code: 'rate_limited', retryAfterMs: 7_000 });
  expect(await failureOf(gateway.query(asked, brief))).toMatchObject({ code: 'gate_shut' });
  expect(wechat.seen).toHaveLength(1);
  wechat.answer = refusedV2('FREQUENCY_LIMITED');
  expect(await failureOf(gateway.close(asked, brief))).toMatchObject({ code: 'rate_limited', quietMs: 1_000 });
});

test('an error tells nothing of the request: no body, no openid, no sign, no key', async () => {
  const body = gateway.prepayBody(attempt({ product: 'jsapi', openid: 'oSecretOpenid', attach: 'secret' }));
  const { inspect } = await import('node:util');
  for (const handler of [(_: unknown, response: { destroy(): unknown }) => void response.destroy(), sentV2('', 500)]) {
    wechat.answer = handler;
    const error = await failureOf(gateway.prepay({ product: 'jsapi', body }, durable));
    const told = inspect(error, { depth: 10, showHidden: true });
    expect(told).not.toMatch(/oSecretOpenid|secret|fedcba98|nonce_str|PRIVATE KEY/);
  }
});
