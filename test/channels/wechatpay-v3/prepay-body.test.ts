import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepayBody } from '../../../src/channels/wechatpay-v3/payment.js';
import { attempt, outTradeNo } from '../support/values.js';

const notifyUrl = 'https://pay.example.com/notify/wechatpay/v3/1900000001';
const expiresAt = new Date('2026-11-22T16:30:00.999Z');
const bodyOf = (changes: Parameters<typeof attempt>[0] = {}) =>
  prepayBody('1900000001', notifyUrl, attempt({ expiresAt, ...changes }));

test('a native prepay has these bytes', () => {
  expect(bodyOf()).toBe(
    '{"appid":"wx8888888888888888","mchid":"1900000001","description":"Pu-erh tea","out_trade_no":"A-10001",' +
      '"time_expire":"2026-11-23T00:30:00+08:00","notify_url":"https://pay.example.com/notify/wechatpay/v3/1900000001",' +
      '"amount":{"total":1205,"currency":"CNY"}}',
  );
});

test('the same attempt gives the same bytes', () => {
  expect(bodyOf({ attach: 'a' })).toBe(bodyOf({ attach: 'a' }));
});

test('JSAPI and the mini program name the payer', () => {
  for (const product of ['jsapi', 'miniProgram'] as const) {
    const body: unknown = JSON.parse(bodyOf({ product, openid: 'oUpF8', attach: 'shelf 7' }));
    expect(body).toMatchObject({ payer: { openid: 'oUpF8' }, attach: 'shelf 7' });
    expect(() => bodyOf({ product })).toThrow('openid');
  }
});

test('H5 names the address and the kind of browser', () => {
  const body: unknown = JSON.parse(bodyOf({ product: 'h5', clientIp: '203.0.113.9', h5Type: 'iOS' }));
  expect(body).toMatchObject({ scene_info: { payer_client_ip: '203.0.113.9', h5_info: { type: 'iOS' } } });
  expect(() => bodyOf({ product: 'h5', clientIp: '203.0.113.9' })).toThrow('h5 type');
  expect(() => bodyOf({ product: 'h5', h5Type: 'Wap' })).toThrow('client IP');
});

test('what a product does not use is left out, and nothing is null', () => {
  const body = bodyOf({ product: 'app', openid: 'oUpF8', h5Type: 'Wap' });
  expect(body).not.toMatch(/null|payer|scene_info|attach/);
});

test('any text survives being read and written again, so it can be signed', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, fc.integer({ min: 2, max: 20 }), (description, attach, n) => {
      const body = bodyOf({ description, attach, outTradeNo: outTradeNo(`A-10001*${n}`) });
      expect(JSON.stringify(JSON.parse(body))).toBe(body);
    }),
  );
});
