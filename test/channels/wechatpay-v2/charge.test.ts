import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Gateway } from '../../../src/channels/port.js';
import { allOf, AUTH_CODE, charging } from '../support/charges.js';
import { failureOf } from '../support/failure-of.js';
import {
  fakeV2Merchant,
  fakeWechatPayV2,
  isSignedV2,
  refusedV2,
  sentV2,
  signedV2,
  v2GatewayOf,
  xmlOf,
  type FakeWechatPayV2,
  type V2Handler,
} from '../support/fake-wechatpay-v2.js';
import { outTradeNo } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const LIMITS = { charge: 1_000, reverse: 1_000 };

let wechat: FakeWechatPayV2;
let gateway: Gateway;
beforeEach(async () => {
  wechat = await fakeWechatPayV2();
  gateway = v2GatewayOf(fakeV2Merchant({ gatewayUrls: [wechat.url], secapiUrls: [wechat.secapiUrl], limits: LIMITS }));
});
afterEach(() => wechat.close());

const charge = (changes?: Parameters<typeof charging>[2]) => charging(gateway, 'durable', changes).answer;
const reverse = () => gateway.reverse({ outTradeNo: outTradeNo('A-10001'), appid: 'wx8888888888888888' }, durable);

const paid = { out_trade_no: 'A-10001', trade_type: 'MICROPAY', total_fee: '1205' };

test('a charge sends these fields, signed, and no address or time', async () => {
  wechat.answer = signedV2(paid);
  const till = { device: { id: 'till-1', ip: '203.0.113.7' }, store: { outId: 'shop-7' } };
  expect(await charge({ attach: 'shelf 7', till })).toEqual({ kind: 'paid' });
  const [seen] = wechat.seen;
  expect(seen?.path).toBe('/pay/micropay');
  const { nonce_str: _nonce, sign: _sign, ...fields } = seen?.fields ?? {};
  expect(fields).toEqual({
    appid: 'wx8888888888888888',
    mch_id: '1900000001',
    sign_type: 'HMAC-SHA256',
    body: 'Pu-erh tea',
    attach: 'shelf 7',
    out_trade_no: 'A-10001',
    total_fee: '1205',
    fee_type: 'CNY',
    device_info: 'till-1',
    spbill_create_ip: '203.0.113.7',
    auth_code: AUTH_CODE,
    scene_info: '{"store_info":{"id":"shop-7"}}',
  });
  expect(seen !== undefined && isSignedV2(seen)).toBe(true);
});

test('what a till does not say is left out', async () => {
  wechat.answer = signedV2(paid);
  await charge();
  expect(Object.keys(wechat.seen[0]?.fields ?? {})).not.toContain('attach');
  expect(Object.keys(wechat.seen[0]?.fields ?? {})).not.toContain('device_info');
});

test('a payer who is asked for the password is told by USERPAYING', async () => {
  wechat.answer = refusedV2('USERPAYING', '需要用户输入支付密码');
  expect(await charge()).toEqual({ kind: 'paying' });
});

test.each([
  ['AUTHCODEEXPIRE', 'refused'],
  ['AUTH_CODE_INVALID', 'refused'],
  ['NOTENOUGH', 'refused'],
  ['NOAUTH', 'refused'],
  ['ORDERPAID', 'conflict'],
  ['OUT_TRADE_NO_USED', 'conflict'],
  ['ORDERREVERSED', 'conflict'],
])('a charge told %s is %s', async (code, kind) => {
  wechat.answer = refusedV2(code, '请核实');
  expect(await charge()).toEqual({ kind, refusal: { status: 200, code, message: '请核实', detail: null } });
});

const unsigned = (fields: Record<string, string>): V2Handler =>
  sentV2(xmlOf({ return_code: 'SUCCESS', mch_id: '1900000001', ...fields }));

test.each<[string, V2Handler]>([
  ['a success without a sign', unsigned({ result_code: 'SUCCESS', ...paid })],
  ['a refusal without a sign', unsigned({ result_code: 'FAIL', err_code: 'NOTENOUGH' })],
  ['a success signed by another key', signedV2(paid, 'ffffffffffffffffffffffffffffffff')],
  ["another trade's number", signedV2({ ...paid, out_trade_no: 'A-10002' })],
  ['no number', signedV2({ trade_type: 'MICROPAY' })],
  ['SYSTEMERROR', refusedV2('SYSTEMERROR')],
  ['BANKERROR', refusedV2('BANKERROR')],
  ['a code that nobody described', refusedV2('A_CODE_OF_TOMORROW')],
  ['500', sentV2('', 500)],
  ['what is no XML', sentV2('paid')],
  ['a line that breaks', (_, response) => response.destroy()],
])('after %s the payer may have paid', async (_, answer) => {
  wechat.answer = answer;
  const error = await failureOf(charge());
  expect(error).toMatchObject({ code: 'unknown' });
  expect(allOf(error)).not.toContain(AUTH_CODE);
});

test('a reverse goes to the address of its own with the certificate of the merchant', async () => {
  wechat.answer = signedV2({ recall: 'N' });
  expect(await reverse()).toEqual({ kind: 'accepted' });
  expect(wechat.seen[0]).toMatchObject({
    path: '/secapi/pay/reverse',
    shown: '1900000001',
    fields: { appid: 'wx8888888888888888', mch_id: '1900000001', out_trade_no: 'A-10001' },
  });
});

test.each([
  ['ORDERREVERSED', { kind: 'alreadyClosed' }],
  ['ORDERCLOSED', { kind: 'alreadyClosed' }],
  ['ORDERNOTEXIST', { kind: 'notExist' }],
  ['REVERSE_EXPIRE', { kind: 'refused', refusal: { code: 'REVERSE_EXPIRE' } }],
])('a reverse told %s is %o', async (code, answer) => {
  wechat.answer = refusedV2(code);
  expect(await reverse()).toMatchObject(answer);
});

test.each<[string, V2Handler, string | null]>([
  ['recall=Y, which asks to call again', signedV2({ recall: 'Y' }), 'RECALL'],
  ['SYSTEMERROR', refusedV2('SYSTEMERROR'), 'SYSTEMERROR'],
  ['a success without a sign', unsigned({ result_code: 'SUCCESS', recall: 'N' }), null],
  ['a code that nobody described', refusedV2('A_CODE_OF_TOMORROW'), 'A_CODE_OF_TOMORROW'],
])('after %s a reverse is as open as before', async (_, answer, gatewayCode) => {
  wechat.answer = answer;
  expect(await failureOf(reverse())).toMatchObject({ code: 'unknown', gatewayCode });
});
