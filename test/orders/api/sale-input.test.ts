import { describe, expect, it } from 'vitest';
import { sql } from 'drizzle-orm';
import { loadAttemptParameters } from '../../../src/orders/store/prepay.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { orderNo } from '../../db/fixtures.js';
import { json, MCHID, orderBody, SANDBOX_URL, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

const GOODS = { merchantGoodsId: 'tea-50g', goodsName: '普洱', quantity: 2, unitPriceFen: 600 };
const SALE = {
  goodsTag: 'WXG',
  detail: { costPriceFen: 1300, invoiceId: 'till-7/81', goodsDetail: [GOODS] },
  limitPay: ['no_credit'],
  supportFapiao: true,
};
const SCENE = { deviceId: 'kiosk-2', storeInfo: { id: '0001', name: '腾大', areaCode: '440305', address: '深南大道' } };
const APP = { appName: 'Tea', appUrl: 'https://tea.example', bundleId: 'com.tea', packageName: 'com.tea.app' };
const NUMBER = '110101199003074477';
const IDENTITY = { type: 'IDCARD', number: NUMBER, name: '李雷' };
const IP = '203.0.113.9';

const order = (change: object) => ({ ...orderBody(test.newOrderNo()), ...change });
const post = (body: unknown, path = '/v1/orders') => test.send('POST', path, { body });
const detailOf = async (response: Response) => (await json<{ detail: string }>(response)).detail;
const parametersOf = (number: string, n = 1) =>
  loadAttemptParameters(test.connection.db, { mchid: MCHID, outTradeNo: nthOutTradeNo(orderNo(number), n) });

function speaks(change: { protocol?: 'v2' | 'v3'; gatewayUrl?: string; codeScan?: 'v2' | 'v3' }): void {
  const merchant = test.merchants.get(MCHID);
  if (merchant === undefined) throw new Error('no merchant');
  const { protocol = 'v3', gatewayUrl = SANDBOX_URL, codeScan } = change;
  const appids = { ...merchant.appids, codeScan: ['wxtill'] };
  test.merchants.set(MCHID, { ...merchant, appids, codeScan, credentials: { protocol, gatewayUrls: [gatewayUrl] } });
}

describe('what a shop says of the sale', () => {
  it('is kept as it came, for every attempt', async () => {
    const body = order({ ...SALE, sceneInfo: SCENE, clientIp: IP });
    expect((await post(body)).status).toBe(201);
    expect(await parametersOf(body.orderNo)).toMatchObject({ sale: SALE, sceneInfo: SCENE, clientIp: IP });
    const h5 = { product: 'h5', clientIp: IP, sceneInfo: { ...SCENE, h5Info: APP } };
    expect((await post(h5, `/v1/orders/${body.orderNo}/attempts`)).status).toBe(201);
    expect(await parametersOf(body.orderNo, 2)).toMatchObject({ sale: SALE, sceneInfo: { h5Info: APP } });
  });

  it('is part of what makes a repeat equal, and its absence changes no earlier hash', async () => {
    const body = order({ ...SALE, sceneInfo: SCENE, clientIp: IP });
    await post(body);
    expect((await post(body)).status).toBe(200);
    expect((await post({ ...body, goodsTag: 'other' })).status).toBe(409);
    expect((await post({ ...body, sceneInfo: undefined })).status).toBe(409);
  });

  it('re-enters the attempt of the same scene, and opens another number for another', async () => {
    const body = order({ product: 'h5', clientIp: IP, sceneInfo: SCENE });
    await post(body);
    const again = { product: 'h5', clientIp: IP, sceneInfo: SCENE };
    expect((await post(again, `/v1/orders/${body.orderNo}/attempts`)).status).toBe(200);
    const elsewhere = { ...again, sceneInfo: { deviceId: 'kiosk-3' } };
    expect((await post(elsewhere, `/v1/orders/${body.orderNo}/attempts`)).status).toBe(201);
  });

  it.each<[string, object]>([
    ['goodsTag', { goodsTag: 'x'.repeat(33) }],
    ['goodsTag', { goodsTag: '' }],
    ['detail', { detail: { price: 1 } }],
    ['detail.costPriceFen', { detail: { costPriceFen: -1 } }],
    ['detail.invoiceId', { detail: { invoiceId: '茶'.repeat(11) } }],
    ['detail.goodsDetail', { detail: { goodsDetail: [] } }],
    ['detail.goodsDetail', { detail: { goodsDetail: Array(501).fill(GOODS) } }],
    ['detail.goodsDetail.0.merchantGoodsId', { detail: { goodsDetail: [{ ...GOODS, merchantGoodsId: '茶' }] } }],
    ['detail.goodsDetail.0.quantity', { detail: { goodsDetail: [{ ...GOODS, quantity: 0 }] } }],
    ['detail.goodsDetail.0.unitPriceFen', { detail: { goodsDetail: [{ ...GOODS, unitPriceFen: 'x' }] } }],
    ['detail.goodsDetail.0.goodsName', { detail: { goodsDetail: [{ ...GOODS, goodsName: '茶'.repeat(86) }] } }],
    ['limitPay', { limitPay: [] }],
    ['limitPay.0', { limitPay: ['no_cash'] }],
    ['limitPay', { limitPay: ['no_credit', 'no_credit'] }],
    ['supportFapiao', { supportFapiao: 'yes' }],
    ['clientIp', { sceneInfo: SCENE }],
    ['clientIp: must be an IPv4 or IPv6 address', { clientIp: '300.0.113.9' }],
    ['sceneInfo.deviceId', { clientIp: IP, sceneInfo: { deviceId: 'x'.repeat(33) } }],
    ['sceneInfo.storeInfo.id', { clientIp: IP, sceneInfo: { storeInfo: { name: 'x' } } }],
    ['sceneInfo.storeInfo.areaCode', { clientIp: IP, sceneInfo: { storeInfo: { id: '1', areaCode: 'x' } } }],
    ['sceneInfo.storeInfo.address', { clientIp: IP, sceneInfo: { storeInfo: { id: '1', address: 'x'.repeat(513) } } }],
    ['sceneInfo.h5Info: is only for h5', { clientIp: IP, sceneInfo: { h5Info: APP } }],
    ['sceneInfo.h5Info.appName', { product: 'h5', clientIp: IP, sceneInfo: { h5Info: { appName: 'x'.repeat(65) } } }],
    ['payer.identity.number', { payer: { identity: { type: 'IDCARD', name: 'x' } } }],
    ['payer.identity: is not for jsapi', { product: 'jsapi', payer: { openid: 'o1', identity: IDENTITY } }],
  ])('is refused early by its name: %s in %o', async (field, change) => {
    const answer = await post(order(change));
    expect(answer.status).toBe(400);
    expect(await detailOf(answer)).toContain(field);
    expect(test.orders.calls).toEqual([]);
  });
});

describe("the payer's address", () => {
  it.each([
    ['::ffff:203.0.113.9', IP],
    ['::FFFF:cb00:7109', IP],
    ['0:0:0:0:0:ffff:203.0.113.9', IP],
    ['2001:db8::1', '2001:db8::1'],
  ])('%s is %s', async (clientIp, kept) => {
    const body = order({ product: 'h5', clientIp });
    expect((await post(body)).status).toBe(201);
    expect(await parametersOf(body.orderNo)).toMatchObject({ clientIp: kept });
  });

  it.each([
    ...['127.0.0.1', '::1', '0.0.0.0', '::', '10.1.2.3', '172.16.0.1', '192.168.1.7', '169.254.169.254', '100.64.0.1'],
    ...['fe80::1', 'fd00::1', '::ffff:10.0.0.1', '224.0.0.1', '203.0.113.9'],
  ])('%s is refused at the real WeChat Pay, by every product, and taken by the sandbox', async (clientIp) => {
    const native = { ...order({}), clientIp };
    expect((await post(native)).status).toBe(201);
    speaks({ gatewayUrl: 'https://api.mch.weixin.qq.com' });
    for (const product of ['native', 'h5'] as const) {
      const answer = await post(order({ product, clientIp }));
      expect([answer.status, await detailOf(answer)]).toEqual([400, expect.stringMatching(/^clientIp: must be the/)]);
    }
    const attempt = await post({ product: 'h5', clientIp }, `/v1/orders/${native.orderNo}/attempts`);
    expect([attempt.status, await detailOf(attempt)]).toEqual([400, expect.stringMatching(/^clientIp: must be the/)]);
  });

  it.each(['8.8.8.8', '2400:3200::1', '::ffff:8.8.8.8'])('%s is taken at the real WeChat Pay', async (clientIp) => {
    speaks({ gatewayUrl: 'https://api.mch.weixin.qq.com' });
    expect((await post(order({ product: 'h5', clientIp }))).status).toBe(201);
  });
});

describe("the payer's identity", () => {
  it('is sealed before it is kept, and nowhere stands in the clear', async () => {
    const body = order({ payer: { identity: IDENTITY } });
    const answer = await post(body);
    expect(answer.status).toBe(201);
    const sealed = { type: 'IDCARD', serial: 'PUB_KEY_ID_FAKE', number: 'sealed', name: 'sealed' };
    expect(await parametersOf(body.orderNo)).toMatchObject({ identity: sealed });
    const rows = await test.connection.db.execute(
      sql`select to_jsonb(a)::text || to_jsonb(o)::text as row from attempts a join orders o using (mchid, order_no)
          where order_no = ${body.orderNo}`,
    );
    for (const text of [JSON.stringify(rows), await answer.text(), test.logLines.join('')]) {
      expect(text).not.toContain(NUMBER);
      expect(text).not.toContain('李雷');
    }
  });

  it('makes another order of the same number, and another attempt', async () => {
    const body = order({ payer: { identity: IDENTITY } });
    await post(body);
    expect((await post(body)).status).toBe(200);
    const other = { identity: { ...IDENTITY, number: '110101199003074478' } };
    expect((await post({ ...body, payer: other })).status).toBe(409);
    const path = `/v1/orders/${body.orderNo}/attempts`;
    expect((await post({ product: 'native', payer: { identity: IDENTITY } }, path)).status).toBe(200);
    expect((await post({ product: 'native', payer: other }, path)).status).toBe(201);
  });
});

describe('of a merchant on API v2', () => {
  it.each<[string, object]>([
    ['payer.identity: is not for a merchant of API v2', { payer: { identity: IDENTITY } }],
    ['limitPay: API v2 takes no_credit alone', { limitPay: ['no_debit'] }],
    ['limitPay: API v2 takes no_credit alone', { limitPay: ['no_credit', 'no_debit'] }],
    ['detail: must be at most 6000 bytes', { detail: { goodsDetail: Array(100).fill(GOODS) } }],
    [
      'sceneInfo: must be at most 256 bytes',
      { clientIp: IP, sceneInfo: { storeInfo: { id: '1', address: 'x'.repeat(250) } } },
    ],
  ])('%s', async (problem, change) => {
    speaks({ protocol: 'v2' });
    const answer = await post(order(change));
    expect([answer.status, await detailOf(answer)]).toEqual([400, expect.stringContaining(problem)]);
  });

  it('what API v2 takes is taken', async () => {
    speaks({ protocol: 'v2' });
    expect((await post(order({ ...SALE, clientIp: IP, sceneInfo: SCENE }))).status).toBe(201);
  });
});

describe('at the till', () => {
  const scanned = {
    product: 'codeScan',
    payer: { authCode: '131234567890123456' },
    device: { ip: '10.0.0.7' },
    store: { outId: 'shop-7' },
  };

  it.each<[string, 'v2' | 'v3', object]>([
    ['limitPay: API v3 takes none for codeScan', 'v3', { limitPay: ['no_credit'] }],
    ['attach: must be at most 127 bytes', 'v2', { attach: 'x'.repeat(128) }],
    ['sceneInfo: is not for codeScan', 'v3', { sceneInfo: SCENE }],
    ['payer.identity: is not for codeScan', 'v3', { payer: { ...scanned.payer, identity: IDENTITY } }],
  ])('%s (over API %s)', async (problem, codeScan, change) => {
    speaks({ codeScan });
    const answer = await post(order({ ...scanned, ...change }));
    expect([answer.status, await detailOf(answer)]).toEqual([400, expect.stringContaining(problem)]);
  });

  it('the terms of an order are judged again for an attempt by another API', async () => {
    speaks({ codeScan: 'v2' });
    const body = order({ attach: 'x'.repeat(128) });
    expect((await post(body)).status).toBe(201);
    const answer = await post(scanned, `/v1/orders/${body.orderNo}/attempts`);
    expect([answer.status, await detailOf(answer)]).toEqual([400, expect.stringContaining('attach')]);
  });
});
