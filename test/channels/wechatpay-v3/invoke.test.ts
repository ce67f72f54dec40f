import { createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { invokeParameters } from '../../../src/channels/wechatpay-v3/gateway.js';
import { fakeMerchant } from '../support/fake-wechatpay.js';
import { gatewayOf } from '../support/gateway.js';

/** The inputs of WeChat Pay's own example. */
const merchant = fakeMerchant('http://127.0.0.1');
const example = {
  appid: 'wx2421b1c4370ec43b',
  prepayId: 'wx201410272009395522657a690389285100',
  timestampSeconds: 1_554_208_460,
  nonce: '593BEC0C930BF1AFEB40B4A08C8FB242',
};
const own = createPublicKey(merchant.credentials.privateKey);
const isSigned = (message: string, signature = ''): boolean =>
  verify('sha256', Buffer.from(message), own, Buffer.from(signature, 'base64'));

test('JSAPI parameters are signed over appId, time, nonce and package', () => {
  const invoke = invokeParameters(merchant, { product: 'jsapi', ...example });
  const { paySign, ...rest } = invoke ?? {};
  expect(rest).toEqual({
    appId: 'wx2421b1c4370ec43b',
    timeStamp: '1554208460',
    nonceStr: '593BEC0C930BF1AFEB40B4A08C8FB242',
    package: 'prepay_id=wx201410272009395522657a690389285100',
    signType: 'RSA',
  });
  const message =
    'wx2421b1c4370ec43b\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\nprepay_id=wx201410272009395522657a690389285100\n';
  expect(isSigned(message, paySign)).toBe(true);
});

test('mini-program parameters are signed the same way and name no appId', () => {
  const invoke = invokeParameters(merchant, { product: 'miniProgram', ...example });
  expect(invoke).toEqual({
    timeStamp: '1554208460',
    nonceStr: '593BEC0C930BF1AFEB40B4A08C8FB242',
    package: 'prepay_id=wx201410272009395522657a690389285100',
    signType: 'RSA',
    paySign: invokeParameters(merchant, { product: 'jsapi', ...example })?.['paySign'],
  });
});

test('App parameters are signed over the bare prepay_id', () => {
  const { sign, ...rest } = invokeParameters(merchant, { product: 'app', ...example }) ?? {};
  expect(rest).toEqual({
    appId: 'wx2421b1c4370ec43b',
    partnerId: '1900000001',
    prepayId: 'wx201410272009395522657a690389285100',
    packageValue: 'Sign=WXPay',
    nonceStr: '593BEC0C930BF1AFEB40B4A08C8FB242',
    timeStamp: '1554208460',
  });
  const message =
    'wx2421b1c4370ec43b\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\nwx201410272009395522657a690389285100\n';
  expect(isSigned(message, sign)).toBe(true);
});

test('native and h5 need no parameters', () => {
  expect(invokeParameters(merchant, { product: 'native', ...example })).toBeNull();
  expect(invokeParameters(merchant, { product: 'h5', ...example })).toBeNull();
});

test('each time the parameters are signed anew, with the time of the clock', () => {
  const gateway = gatewayOf(merchant, {
    now: () => new Date(1_554_208_460_999),
    notifyUrl: () => 'https://pay.example.com/n',
    workers: 1,
  });
  const ask = () => gateway.invoke({ product: 'jsapi', appid: example.appid, prepayId: example.prepayId });
  const [one, two] = [ask(), ask()];
  expect(one?.['timeStamp']).toBe('1554208460');
  expect(one?.['nonceStr']).toMatch(/^[0-9a-f]{32}$/);
  expect(two?.['nonceStr']).not.toBe(one?.['nonceStr']);
});
