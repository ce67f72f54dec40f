import { beforeAll, describe, expect, it } from 'vitest';
import { control, type Credentials } from '../support/client.js';
import { close, newNumber, prepay, query } from '../support/trade.js';
import { useSandbox } from '../support/use-sandbox.js';
import { callV2, isSignedV2 } from './support/client.js';
import { advance, closeOrder, orderQuery, paidOrder, unifiedOrder } from './support/trade.js';

const { sandbox, merchant } = useSandbox();
let other: Credentials;
beforeAll(async () => {
  other = await control<Credentials>(sandbox, 'POST', '/merchants', { protocol: 'v2' });
});

const order = (more: Record<string, string | undefined> = {}, outTradeNo = newNumber()) =>
  unifiedOrder(sandbox, merchant, outTradeNo, more);

describe('unifiedorder', () => {
  it.each([
    ['NATIVE', { product_id: 'tea' }, 'code_url', /^weixin:\/\/wxpay\/bizpayurl\?pr=\w+$/],
    ['JSAPI', { openid: 'oBuyer' }, 'prepay_id', /^wx\d{14}[0-9a-f]{20}$/],
    ['APP', {}, 'prepay_id', /^wx\d{14}[0-9a-f]{20}$/],
    ['MWEB', { scene_info: '{"h5_info":{"type":"Wap"}}' }, 'mweb_url', /\/sandbox\/h5\?prepay_id=wx/],
  ] as const)('answers %s with what the client needs', async (trade_type, more, name, form) => {
    const { status, fields } = await order({ trade_type, product_id: undefined, ...more });
    expect(status).toBe(200);
    expect(fields).toMatchObject({
      return_code: 'SUCCESS',
      result_code: 'SUCCESS',
      appid: merchant.appid,
      mch_id: merchant.mchid,
      trade_type,
      prepay_id: expect.stringMatching(/^wx/) as string,
      [name]: expect.stringMatching(form) as string,
    });
  });

  it.each(['MD5', 'HMAC-SHA256', undefined])('signs its answer with the type of the request, %s', async (sign_type) => {
    const { fields } = await order({ sign_type, device_info: 'till 1' });
    expect(fields['sign']).toHaveLength(sign_type === 'HMAC-SHA256' ? 64 : 32);
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
    expect(fields['device_info']).toBe('till 1');
  });

  it.each(['appid', 'nonce_str', 'body', 'out_trade_no', 'total_fee', 'spbill_create_ip', 'notify_url', 'trade_type'])(
    'without %s lacks a parameter, whether it is absent or empty',
    async (name) => {
      for (const value of [undefined, '']) {
        const { status, fields } = await order({ [name]: value });
        expect([status, fields['return_code'], fields['result_code']]).toEqual([200, 'SUCCESS', 'FAIL']);
        expect([fields['err_code'], fields['err_code_des']]).toEqual(['LACK_PARAMS', `缺少参数${name}`]);
        expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
      }
    },
  );

  it.each([
    ['NATIVE', 'product_id'],
    ['JSAPI', 'openid'],
    ['MWEB', 'scene_info'],
  ])('of %s lacks %s', async (trade_type, name) => {
    const { fields } = await order({ trade_type, product_id: undefined });
    expect([fields['err_code'], fields['err_code_des']]).toEqual(['LACK_PARAMS', `缺少参数${name}`]);
  });

  it.each([
    ['body', '茶'.repeat(43)],
    ['attach', 'a'.repeat(128)],
    ['detail', 'd'.repeat(6001)],
    ['device_info', 'd'.repeat(33)],
    ['nonce_str', 'n'.repeat(33)],
    ['out_trade_no', 'short'],
    ['out_trade_no', `order@${newNumber()}`],
    ['total_fee', '0'],
    ['total_fee', '12.00'],
    ['fee_type', 'USD'],
    ['spbill_create_ip', 'shop.example'],
    ['notify_url', 'https://shop.example/notify?a=1'],
    ['trade_type', 'MICROPAY'],
    ['time_expire', '2026-11-28 10:00:00'],
    ['goods_tag', 'g'.repeat(33)],
    ['product_id', 'p'.repeat(33)],
    ['openid', 'o'.repeat(129)],
    ['limit_pay', 'no_debit'],
    ['receipt', 'yes'],
    ['profit_sharing', '1'],
    ['scene_info', 's'.repeat(257)],
  ])('refuses a wrong %s', async (name, value) => {
    const { fields } = await order({ [name]: value });
    expect([fields['result_code'], fields['err_code']]).toEqual(['FAIL', 'PARAM_ERROR']);
    expect(fields['err_code_des']).toContain(name);
  });

  it('refuses a page outside WeChat that does not say what it is', async () => {
    for (const scene_info of ['no JSON', '{}']) {
      const { fields } = await order({ trade_type: 'MWEB', scene_info });
      expect(fields['err_code']).toBe('PARAM_ERROR');
    }
  });

  it('takes the longest values', async () => {
    const { fields } = await order({ body: '茶'.repeat(42), attach: 'a'.repeat(127), detail: 'd'.repeat(6000) });
    expect(fields['result_code']).toBe('SUCCESS');
  });

  it("refuses another merchant's appid", async () => {
    expect((await order({ appid: other.appid })).fields['err_code']).toBe('APPID_MCHID_NOT_MATCH');
  });

  it('gives a new code for the same parameters, whatever nonce and type of signature, and the old code dies', async () => {
    const outTradeNo = newNumber();
    const [first, second] = [await order({}, outTradeNo), await order({ sign_type: 'HMAC-SHA256' }, outTradeNo)];
    expect(second.fields['code_url']).toMatch(/^weixin:/);
    expect(second.fields['code_url']).not.toBe(first.fields['code_url']);
    const pay = (codeUrl: unknown) => control(sandbox, 'POST', '/pay', { codeUrl });
    await expect(pay(first.fields['code_url'])).rejects.toThrow('code_replaced');
    await pay(second.fields['code_url']);
  });

  it('refuses other parameters, another product, a paid and a closed number', async () => {
    const outTradeNo = newNumber();
    const codeOf = async (more: Record<string, string | undefined>, number = outTradeNo) =>
      (await order(more, number)).fields['err_code'];
    await order({}, outTradeNo);
    expect(await codeOf({ body: 'other tea' })).toBe('INVALID_REQUEST');
    expect(await codeOf({ unknown_field: 'x' })).toBe('INVALID_REQUEST');
    expect(await codeOf({ trade_type: 'APP' })).toBe('OUT_TRADE_NO_USED');
    await control(sandbox, 'POST', '/pay', { outTradeNo });
    expect(await codeOf({})).toBe('ORDERPAID');
    const closed = newNumber();
    await control(sandbox, 'POST', '/trades', { outTradeNo: closed, totalFen: 1200, state: 'CLOSED' });
    expect(await codeOf({}, closed)).toBe('ORDERCLOSED');
  });

  it('refuses a number that API v3 opened, and API v3 one of API v2', async () => {
    const [ofV3, ofV2] = [newNumber(), newNumber()];
    await prepay(sandbox, merchant, ofV3);
    await order({}, ofV2);
    expect((await order({}, ofV3)).fields['err_code']).toBe('INVALID_REQUEST');
    expect((await prepay(sandbox, merchant, ofV2)).json['code']).toBe('INVALID_REQUEST');
  });

  it('refuses a time to pay that is too short or too long, and knows when it is over', async () => {
    const { now } = await control(sandbox, 'GET', '/clock');
    const inSeconds = (seconds: number) =>
      new Date(Date.parse(String(now)) + 8 * 3_600_000 + seconds * 1000).toISOString().slice(0, 19).replace(/\D/g, '');
    expect((await order({ time_expire: inSeconds(59) })).fields['err_code']).toBe('INVALID_REQUEST');
    expect((await order({ time_expire: inSeconds(16 * 86_400) })).fields['err_code']).toBe('INVALID_REQUEST');
    const outTradeNo = newNumber();
    const time_expire = inSeconds(7200);
    expect((await order({ time_expire }, outTradeNo)).fields['result_code']).toBe('SUCCESS');
    await advance(sandbox, 3600);
    expect((await order({ time_expire }, outTradeNo)).fields['result_code']).toBe('SUCCESS');
    await advance(sandbox, 3600);
    await expect(control(sandbox, 'POST', '/pay', { outTradeNo })).rejects.toThrow('expired');
    expect((await order({ time_expire }, outTradeNo)).fields['err_code']).toBe('INVALID_REQUEST');
  });
});

describe('orderquery', () => {
  it('says no more of an unpaid order than its state', async () => {
    const outTradeNo = newNumber();
    await order({ attach: 'mine' }, outTradeNo);
    const { fields } = await orderQuery(sandbox, merchant, outTradeNo);
    const { nonce_str: _nonce, sign: _sign, ...said } = fields;
    expect(said).toEqual({
      return_code: 'SUCCESS',
      return_msg: 'OK',
      result_code: 'SUCCESS',
      appid: merchant.appid,
      mch_id: merchant.mchid,
      out_trade_no: outTradeNo,
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
    });
    expect(isSignedV2(fields, merchant.apiV2Key)).toBe(true);
  });

  it('says of a paid order what was paid, with its coupon, by either number', async () => {
    const { outTradeNo, transactionId } = await paidOrder(
      sandbox,
      merchant,
      { couponFen: 200, openid: 'oPayer' },
      { attach: 'mine', device_info: 'till 1' },
    );
    const byNumber = (await orderQuery(sandbox, merchant, outTradeNo)).fields;
    expect(byNumber).toMatchObject({
      trade_state: 'SUCCESS',
      transaction_id: transactionId,
      trade_type: 'NATIVE',
      openid: 'oPayer',
      is_subscribe: 'N',
      bank_type: 'OTHERS',
      total_fee: '1200',
      settlement_total_fee: '1200',
      fee_type: 'CNY',
      cash_fee: '1000',
      cash_fee_type: 'CNY',
      coupon_fee: '200',
      coupon_count: '1',
      coupon_fee_0: '200',
      attach: 'mine',
      device_info: 'till 1',
      time_end: expect.stringMatching(/^\d{14}$/) as string,
    });
    const { fields } = await orderQuery(sandbox, merchant, 'whatever', { transaction_id: transactionId });
    expect(fields['out_trade_no']).toBe(outTradeNo);
    const ofV3 = (await query(sandbox, merchant, outTradeNo)).json;
    expect(ofV3).toMatchObject({ trade_state: 'SUCCESS', amount: { total: 1200, payer_total: 1000 }, attach: 'mine' });
    expect(String(ofV3['success_time']).slice(0, 19).replace(/\D/g, '')).toBe(byNumber['time_end']);
  });

  it('knows an order of API v3', async () => {
    const outTradeNo = newNumber();
    await prepay(sandbox, merchant, outTradeNo, 'jsapi');
    expect((await orderQuery(sandbox, merchant, outTradeNo)).fields['trade_state']).toBe('NOTPAY');
    await control(sandbox, 'POST', '/pay', { outTradeNo });
    const { fields } = await orderQuery(sandbox, merchant, outTradeNo);
    expect(fields).toMatchObject({ trade_state: 'SUCCESS', trade_type: 'JSAPI', total_fee: '1200', openid: 'oBuyer' });
  });

  it('leaves out what a payment leaves out, and names the appid and currency of the payment', async () => {
    const appids = ['wxone', 'wxtwo'];
    const shop = await control<Credentials>(sandbox, 'POST', '/merchants', { appids });
    const omit = ['success_time', 'payer', 'amount.currency'];
    const { outTradeNo } = await paidOrder(sandbox, shop, {
      ...{ omit, appid: 'wxtwo', payerCurrency: 'USD', payerTotalFen: 170 },
    });
    const { fields } = await orderQuery(sandbox, shop, outTradeNo);
    expect(fields).toMatchObject({ appid: 'wxtwo', cash_fee: '170', cash_fee_type: 'USD', total_fee: '1200' });
    for (const name of ['time_end', 'openid', 'fee_type']) expect(fields).not.toHaveProperty(name);
  });

  it('knows nothing of other numbers and other merchants, and needs one', async () => {
    const { outTradeNo, transactionId } = await paidOrder(sandbox, merchant);
    const ask = async (whose: Credentials, fields: Record<string, string>) =>
      (await callV2(sandbox, whose, '/pay/orderquery', fields)).fields['err_code'];
    expect(await ask(merchant, { out_trade_no: newNumber() })).toBe('ORDERNOTEXIST');
    expect(await ask(other, { out_trade_no: outTradeNo })).toBe('ORDERNOTEXIST');
    expect(await ask(other, { transaction_id: transactionId })).toBe('ORDERNOTEXIST');
    expect(await ask(merchant, {})).toBe('LACK_PARAMS');
  });
});

describe('closeorder', () => {
  it('closes an order of 5 minutes, not before, and says so', async () => {
    const outTradeNo = newNumber();
    await order({}, outTradeNo);
    await advance(sandbox, 200);
    expect((await closeOrder(sandbox, merchant, outTradeNo)).fields).toMatchObject({
      result_code: 'FAIL',
      err_code: 'INVALID_REQUEST',
      err_code_des: '订单生成后5分钟内不能关单',
    });
    expect((await orderQuery(sandbox, merchant, outTradeNo)).fields['trade_state']).toBe('NOTPAY');
    await advance(sandbox, 100);
    expect((await closeOrder(sandbox, merchant, outTradeNo)).fields).toMatchObject({
      result_code: 'SUCCESS',
      result_msg: 'OK',
    });
    expect((await orderQuery(sandbox, merchant, outTradeNo)).fields['trade_state']).toBe('CLOSED');
    expect((await query(sandbox, merchant, outTradeNo)).json['trade_state']).toBe('CLOSED');
  });

  it('says of a closed, a paid and an unknown order what it is', async () => {
    const closed = newNumber();
    await prepay(sandbox, merchant, closed);
    await close(sandbox, merchant, closed);
    const { outTradeNo: paid } = await paidOrder(sandbox, merchant);
    const codes = [closed, paid, newNumber()].map(
      async (number) => (await closeOrder(sandbox, merchant, number)).fields['err_code'],
    );
    expect(await Promise.all(codes)).toEqual(['ORDERCLOSED', 'ORDERPAID', 'ORDERNOTEXIST']);
  });

  it('holds for an order of API v3 as well, while API v3 may close one of API v2 at once', async () => {
    const [ofV3, ofV2] = [newNumber(), newNumber()];
    await prepay(sandbox, merchant, ofV3);
    await order({}, ofV2);
    expect((await closeOrder(sandbox, merchant, ofV3)).fields['err_code']).toBe('INVALID_REQUEST');
    expect((await close(sandbox, merchant, ofV2)).status).toBe(204);
  });
});
