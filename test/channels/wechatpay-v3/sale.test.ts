import { generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { expect, test } from 'vitest';
import { prepayBody } from '../../../src/channels/wechatpay-v3/payment.js';
import { refundBody } from '../../../src/channels/wechatpay-v3/refund.js';
import { seal } from '../../../src/channels/wechatpay-v3/seal.js';
import { attempt, refundOf } from '../support/values.js';

const bodyOf = (changes: Parameters<typeof attempt>[0]): unknown =>
  JSON.parse(prepayBody('1900000001', 'https://pay.example.com/notify', attempt(changes)));

test("what WeChat Pay alone reads goes under WeChat Pay's names", () => {
  const goods = { merchantGoodsId: 'tea', wechatpayGoodsId: '7', goodsName: '茶', quantity: 2, unitPriceFen: 600 };
  const sale = {
    goodsTag: 'WXG',
    limitPay: ['no_credit', 'no_debit'] as const,
    supportFapiao: false,
    detail: { costPriceFen: 1300, invoiceId: 'i', goodsDetail: [goods] },
  };
  expect(bodyOf({ sale })).toMatchObject({
    goods_tag: 'WXG',
    limit_pay: ['no_credit', 'no_debit'],
    support_fapiao: false,
    detail: {
      cost_price: 1300,
      invoice_id: 'i',
      goods_detail: [
        { merchant_goods_id: 'tea', wechatpay_goods_id: '7', goods_name: '茶', quantity: 2, unit_price: 600 },
      ],
    },
  });
});

test('every product says where the payer is, if the shop knows', () => {
  const sceneInfo = {
    deviceId: 'kiosk',
    storeInfo: { id: '1', name: 'n', areaCode: '440305', address: 'a' },
    h5Info: { appName: 'Tea', appUrl: 'https://tea.example', bundleId: 'b', packageName: 'p' },
  };
  const scene = {
    payer_client_ip: '203.0.113.9',
    device_id: 'kiosk',
    store_info: { id: '1', name: 'n', area_code: '440305', address: 'a' },
  };
  for (const product of ['native', 'app', 'jsapi', 'miniProgram'] as const) {
    const body = bodyOf({ product, openid: 'oUpF8', clientIp: '203.0.113.9', sceneInfo });
    expect(body).toHaveProperty('scene_info', scene);
  }
  const h5_info = { type: 'Wap', app_name: 'Tea', app_url: 'https://tea.example', bundle_id: 'b', package_name: 'p' };
  const h5 = bodyOf({ product: 'h5', clientIp: '203.0.113.9', h5Type: 'Wap', sceneInfo });
  expect(h5).toHaveProperty('scene_info', { ...scene, h5_info });
});

test('who alone may pay goes as it was sealed', () => {
  const identity = { serial: 'PUB_KEY_ID_1', type: 'IDCARD', number: 'c1', name: 'c2' };
  expect(bodyOf({ identity })).toHaveProperty('payer', { identity: { type: 'IDCARD', number: 'c1', name: 'c2' } });
});

test('a refund names its account and its goods', () => {
  const goods = { merchantGoodsId: 'tea', unitPriceFen: 600, refundAmountFen: 405, refundQuantity: 1 };
  const body: unknown = JSON.parse(
    refundBody('https://n', refundOf({ source: { fundsAccount: 'AVAILABLE', goodsDetail: [goods] } })),
  );
  const told = { merchant_goods_id: 'tea', unit_price: 600, refund_amount: 405, refund_quantity: 1 };
  expect(body).toMatchObject({ funds_account: 'AVAILABLE', goods_detail: [told] });
});

test('a sealed text is opened by the private key, with the padding that WeChat Pay uses', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { serial, texts } = seal({ serial: 'S1', key: publicKey }, ['李雷', '6225760000000001']);
  const opened = texts.map((text) =>
    privateDecrypt({ key: privateKey, oaepHash: 'sha1' }, Buffer.from(text, 'base64')).toString(),
  );
  expect([serial, opened]).toEqual(['S1', ['李雷', '6225760000000001']]);
});
