import { expect, test } from 'vitest';
import { signOf, fakeV2Merchant, v2GatewayOf } from '../support/fake-wechatpay-v2.js';

const now = () => new Date('2026-11-22T10:34:56.789Z');
const nonce = () => '593BEC0C930BF1AFEB40B4A08C8FB242';
const request = { appid: 'wx8888888888888888', prepayId: 'wx201410272009395522657a690389285100' };

const invoke = (product: 'native' | 'jsapi' | 'miniProgram' | 'app' | 'h5', signType: 'MD5' | 'HMAC-SHA256') =>
  v2GatewayOf(fakeV2Merchant({ signType }), { now, nonce }).invoke({ product, ...request });

const page = {
  timeStamp: '1795343696',
  nonceStr: '593BEC0C930BF1AFEB40B4A08C8FB242',
  package: 'prepay_id=wx201410272009395522657a690389285100',
};

test.each(['MD5', 'HMAC-SHA256'] as const)(
  'a page and a mini program are signed with %s as the prepay was',
  (signType) => {
    const signed = { appId: request.appid, ...page, signType };
    const paySign = signOf(signed, undefined, signType);
    expect(invoke('jsapi', signType)).toEqual({ ...signed, paySign });
    expect(invoke('miniProgram', signType)).toEqual({ ...page, signType, paySign });
  },
);

test.each(['MD5', 'HMAC-SHA256'] as const)('an app is signed with %s under names in small letters', (signType) => {
  const signed = {
    appid: request.appid,
    partnerid: '1900000001',
    prepayid: request.prepayId,
    package: 'Sign=WXPay',
    noncestr: page.nonceStr,
    timestamp: page.timeStamp,
  };
  expect(invoke('app', signType)).toEqual({
    appId: request.appid,
    partnerId: '1900000001',
    prepayId: request.prepayId,
    packageValue: 'Sign=WXPay',
    nonceStr: page.nonceStr,
    timeStamp: page.timeStamp,
    sign: signOf(signed, undefined, signType),
  });
});

test('native shows a code and H5 goes to an address', () => {
  expect([invoke('native', 'MD5'), invoke('h5', 'MD5')]).toEqual([null, null]);
});
