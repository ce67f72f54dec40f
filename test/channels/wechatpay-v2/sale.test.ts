import { expect, test } from 'vitest';
import { z } from 'zod';
import { prepayBody } from '../../../src/channels/wechatpay-v2/payment.js';
import { attempt } from '../support/values.js';

const now = new Date('2026-03-01T10:00:00.000Z');
const bodyOf = (changes: Parameters<typeof attempt>[0]): Record<string, string> =>
  z
    .record(z.string(), z.string())
    .parse(JSON.parse(prepayBody({ mchid: '1900000001', notifyUrl: 'https://n', now }, attempt(changes))));
const jsonOf = (text: string | undefined): unknown => JSON.parse(text ?? '');

test("what WeChat Pay alone reads goes under API v2's names", () => {
  const goods = { merchantGoodsId: 'tea', goodsName: '茶', quantity: 2, unitPriceFen: 600 };
  const detail = { costPriceFen: 1300, invoiceId: 'i', goodsDetail: [goods] };
  const body = bodyOf({ sale: { goodsTag: 'WXG', limitPay: ['no_credit'], supportFapiao: true, detail } });
  expect(body).toMatchObject({ goods_tag: 'WXG', limit_pay: 'no_credit', receipt: 'Y', version: '1.0' });
  const told = { goods_id: 'tea', goods_name: '茶', quantity: 2, price: 600 };
  expect(jsonOf(body['detail'])).toEqual({ cost_price: 1300, receipt_id: 'i', goods_detail: [told] });
});

test('a device and a store are named, an app by what its system knows', () => {
  const storeInfo = { id: '1', name: 'n', areaCode: '440305', address: 'a' };
  const store_info = { id: '1', name: 'n', area_code: '440305', address: 'a' };
  const native = bodyOf({ clientIp: '203.0.113.9', sceneInfo: { deviceId: 'kiosk', storeInfo } });
  expect(native).toMatchObject({ device_info: 'kiosk', spbill_create_ip: '203.0.113.9' });
  expect(jsonOf(native['scene_info'])).toEqual({ store_info });
  const h5Info = { appName: 'Tea', appUrl: 'https://tea.example', bundleId: 'b' };
  const of = (h5Type: 'Wap' | 'iOS') =>
    jsonOf(bodyOf({ product: 'h5', clientIp: '203.0.113.9', h5Type, sceneInfo: { h5Info } })['scene_info']);
  expect(of('Wap')).toEqual({ h5_info: { type: 'Wap', wap_url: 'https://tea.example', wap_name: 'Tea' } });
  expect(of('iOS')).toEqual({ h5_info: { type: 'IOS', app_name: 'Tea', bundle_id: 'b' } });
});

test('an order that says nothing of it has no such field', () => {
  expect(Object.keys(bodyOf({}))).not.toEqual(
    expect.arrayContaining(['goods_tag', 'limit_pay', 'receipt', 'version', 'detail', 'device_info', 'scene_info']),
  );
});
