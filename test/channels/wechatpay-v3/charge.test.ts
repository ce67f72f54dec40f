import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import { allOf, AUTH_CODE, charging } from '../support/charges.js';
import { failureOf } from '../support/failure-of.js';
import {
  failed,
  fakeWechatPay,
  isSignedRequest,
  signed,
  type FakeWechatPay,
  type Handler,
} from '../support/fake-wechatpay.js';
import { gatewayOf, withCredentials } from '../support/gateway.js';
import { outTradeNo } from '../support/values.js';

const durable = { patience: 'durable' } as const;

let wechat: FakeWechatPay;
let gateway: Gateway;
beforeEach(async () => {
  wechat = await fakeWechatPay();
  gateway = gatewayOf(withCredentials(wechat.merchant, { limits: { charge: 1_000, reverse: 1_000 } }), {
    now: () => new Date(),
    notifyUrl: () => 'https://pay.example.com/notify/wechatpay/v3/1900000001',
    workers: 1,
  });
});
afterEach(() => wechat.close());

const charge = (changes?: Parameters<typeof charging>[2]) => charging(gateway, 'durable', changes).answer;
const reverse = (number = 'A-10001') =>
  gateway.reverse({ outTradeNo: outTradeNo(number), appid: 'wx8888888888888888' }, durable);

const trade = { mchid: '1900000001', out_trade_no: 'A-10001', trade_state: 'SUCCESS' };

test('a charge sends these fields, and no address or time: no notify tells of it, and nothing but a reverse ends it', async () => {
  wechat.answer = signed(200, trade);
  expect(await charge({ attach: 'shelf 7' })).toEqual({ kind: 'paid' });
  const [seen] = wechat.seen;
  expect(seen).toMatchObject({ method: 'POST', target: '/v3/pay/transactions/codepay' });
  expect(JSON.parse(String(seen?.body))).toEqual({
    appid: 'wx8888888888888888',
    mchid: '1900000001',
    description: 'Pu-erh tea',
    out_trade_no: 'A-10001',
    attach: 'shelf 7',
    payer: { auth_code: AUTH_CODE },
    amount: { total: 1_205, currency: 'CNY' },
    scene_info: { device_ip: '203.0.113.7', store_info: { id: '314159' } },
  });
  expect(seen !== undefined && isSignedRequest(seen)).toBe(true);
});

test("the till's own number and the merchant's number of the store are sent, and nothing is null", async () => {
  wechat.answer = signed(200, trade);
  await charge({ till: { device: { id: 'till-1', ip: '203.0.113.7' }, store: { outId: 'shop-7' } } });
  const text = String(wechat.seen[0]?.body);
  expect(JSON.parse(text)).toMatchObject({
    scene_info: { device_id: 'till-1', device_ip: '203.0.113.7', store_info: { out_id: 'shop-7' } },
  });
  expect(text).not.toMatch(/null|attach/);
});

test.each<[string, Handler]>([
  ['202, without a trade', signed(202, { code: 'USERPAYING', message: '需要输入密码' })],
  ['a trade in USERPAYING', signed(200, { ...trade, trade_state: 'USERPAYING' })],
  ['a trade in USER_PAYING', signed(200, { ...trade, trade_state: 'USER_PAYING' })],
  ['a trade in NOTPAY', signed(200, { ...trade, trade_state: 'NOTPAY' })],
  ['an error USERPAYING', failed(400, { code: 'USERPAYING', message: '' })],
])('a payer who is asked for the password is told by %s', async (_, answer) => {
  wechat.answer = answer;
  expect(await charge()).toEqual({ kind: 'paying' });
});

test.each([
  ['AUTH_CODE_EXPIRE', 'refused'],
  ['NOTENOUGH', 'refused'],
  ['NO_AUTH', 'refused'],
  ['ORDERPAID', 'conflict'],
  ['OUT_TRADE_NO_USED', 'conflict'],
])('a charge told %s is %s', async (code, kind) => {
  wechat.answer = failed(403, { code, message: '请核实' });
  expect(await charge()).toEqual({ kind, refusal: { status: 403, code, message: '请核实', detail: null } });
});

test.each<[string, Handler]>([
  ['an answer that WeChat Pay did not sign', failed(200, trade)],
  ['an answer signed by another key', signed(200, trade, { signature: 'AAAA' })],
  ["another merchant's trade", signed(200, { ...trade, mchid: '1900000002' })],
  ['another trade', signed(200, { ...trade, out_trade_no: 'A-10002' })],
  ['a trade in a state that is no end of a charge', signed(200, { ...trade, trade_state: 'CLOSED' })],
  ['what is no JSON', signed(200, 'paid')],
  ['500', failed(500, '')],
  ['a code that nobody described', failed(400, { code: 'A_CODE_OF_TOMORROW', message: '' })],
  ['SYSTEM_ERROR', failed(500, { code: 'SYSTEM_ERROR', message: '' })],
  ['a line that breaks', (_, response) => response.destroy()],
])('after %s the payer may have paid', async (_, answer) => {
  wechat.answer = answer;
  const error = await failureOf(charge());
  expect(error).toMatchObject({ code: 'unknown' });
  expect(allOf(error)).not.toContain(AUTH_CODE);
});

test('a reverse names its number in the address, the merchant in its body, and is accepted by the same number', async () => {
  wechat.answer = signed(200, { appid: 'wx8888888888888888', mchid: '1900000001', out_trade_no: 'A-10001*2' });
  expect(await reverse('A-10001*2')).toEqual({ kind: 'accepted' });
  const [seen] = wechat.seen;
  expect(seen).toMatchObject({ method: 'POST', target: '/v3/pay/transactions/out-trade-no/A-10001%2A2/reverse' });
  expect(JSON.parse(String(seen?.body))).toEqual({ appid: 'wx8888888888888888', mchid: '1900000001' });
});

test.each([
  ['ORDER_REVERSED', { kind: 'alreadyClosed' }],
  ['ORDER_CLOSED', { kind: 'alreadyClosed' }],
  ['ORDERNOTEXIST', { kind: 'notExist' }],
  ['REVERSE_EXPIRE', { kind: 'refused', refusal: { code: 'REVERSE_EXPIRE' } }],
])('a reverse told %s is %o', async (code, answer) => {
  wechat.answer = failed(400, { code, message: '' });
  expect(await reverse()).toMatchObject(answer);
});

test.each<[string, Handler]>([
  ['SYSTEM_ERROR, which asks to call again', failed(500, { code: 'SYSTEM_ERROR', message: '' })],
  ['an answer that WeChat Pay did not sign', failed(200, { out_trade_no: 'A-10001' })],
  ["another trade's number", signed(200, { out_trade_no: 'A-10002' })],
  ['202', signed(202, { out_trade_no: 'A-10001' })],
  ['a code that nobody described', failed(400, { code: 'A_CODE_OF_TOMORROW', message: '' })],
])('after %s a reverse is as open as before', async (_, answer) => {
  wechat.answer = answer;
  expect(await failureOf(reverse())).toMatchObject({ code: 'unknown' });
});
