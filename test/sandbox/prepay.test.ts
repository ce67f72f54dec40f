import { describe, expect, it } from 'vitest';
import { call, control, tryControl, type Credentials, type Json } from './support/client.js';
import { sealed } from './support/sealed.js';
import { close, newNumber, prepay, prepayBody, query, type Product } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

const pay = (body: Json) => tryControl(sandbox, 'POST', '/pay', body);

describe('a prepay', () => {
  it('answers what its product needs', async () => {
    const native = await prepay(sandbox, merchant, newNumber());
    expect(native.json['code_url']).toMatch(/^weixin:\/\/wxpay\/bizpayurl\/up\?pr=[0-9A-Za-z]+&groupid=00$/);
    for (const product of ['jsapi', 'app'] as const) {
      const { json } = await prepay(sandbox, merchant, newNumber(), product);
      expect(json['prepay_id']).toMatch(/^wx\d{14}[0-9a-f]{20}$/);
    }
    const h5 = await prepay(sandbox, merchant, newNumber(), 'h5');
    expect(h5.json['h5_url']).toMatch(new RegExp(`^${sandbox.url}/sandbox/h5\\?prepay_id=wx\\w{34}&package=\\w+$`));
  });

  it('takes every documented field', async () => {
    const reply = await prepay(sandbox, merchant, newNumber(), 'h5', {
      time_expire: '2099-01-01T00:00:00+08:00'.replace(
        '2099-01-01',
        new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
      ),
      attach: 'a'.repeat(128),
      goods_tag: 'WXG',
      support_fapiao: true,
      limit_pay: ['no_credit'],
      detail: {
        cost_price: 1300,
        invoice_id: 'x',
        goods_detail: [
          { merchant_goods_id: 'tea-1', wechatpay_goods_id: '1', goods_name: '茶', quantity: 1, unit_price: 1200 },
        ],
      },
      settle_info: { profit_sharing: false },
      scene_info: {
        payer_client_ip: '2001:db8::1',
        device_id: 'till-1',
        store_info: { id: '0001', name: '店', area_code: '440305', address: '路' },
        h5_info: { type: 'iOS', app_name: 'a', app_url: 'https://a.example', bundle_id: 'b', package_name: 'c' },
      },
    });
    expect(reply.text).toContain('h5_url');
  });

  it.each<[string, Product, Json, string]>([
    ['a zero amount', 'native', { amount: { total: 0 } }, '/amount/total'],
    ['a fraction of a fen', 'native', { amount: { total: 1.5 } }, '/amount/total'],
    ['an amount in text', 'native', { amount: { total: '100' } }, '/amount/total'],
    ['another currency', 'native', { amount: { total: 1, currency: 'USD' } }, '/amount/currency'],
    ['an unknown field', 'native', { amount: { total: 1, payer_total: 1 } }, '/amount/payer_total'],
    ['a null', 'native', { attach: null }, '/attach'],
    ['43 Chinese characters', 'native', { description: '茶'.repeat(43) }, '/description'],
    ['a short number', 'native', { out_trade_no: 'A1234' }, '/out_trade_no'],
    ['an @ in the number', 'native', { out_trade_no: 'order@1' }, '/out_trade_no'],
    ['a notify URL with a query', 'native', { notify_url: 'https://a.example/n?x=1' }, '/notify_url'],
    ['a notify URL with a fragment', 'native', { notify_url: 'https://a.example/n#x' }, '/notify_url'],
    ['a plain http URL elsewhere', 'native', { notify_url: 'http://a.example/n' }, '/notify_url'],
    ['no notify URL', 'native', { notify_url: undefined }, '/notify_url'],
    ['a time without zone', 'native', { time_expire: '2026-01-01T00:00:00' }, '/time_expire'],
    ['no payer', 'jsapi', { payer: undefined }, '/payer'],
    ['no openid', 'jsapi', { payer: {} }, '/payer/openid'],
    ['no scene', 'h5', { scene_info: undefined }, '/scene_info'],
    ['no h5_info', 'h5', { scene_info: { payer_client_ip: '1.2.3.4' } }, '/scene_info/h5_info'],
    ['no IP', 'h5', { scene_info: { payer_client_ip: 'x', h5_info: { type: 'Wap' } } }, '/scene_info/payer_client_ip'],
    [
      'goods without quantity',
      'app',
      { detail: { goods_detail: [{ merchant_goods_id: 'a', unit_price: 1 }] } },
      '/detail/goods_detail/0/quantity',
    ],
  ])('with %s is a PARAM_ERROR that points at it', async (_, product, more, field) => {
    const reply = await prepay(sandbox, merchant, newNumber(), product, more);
    expect(reply).toMatchObject({ status: 400, json: { code: 'PARAM_ERROR', detail: { field, location: 'body' } } });
  });

  describe('that names who alone may pay', () => {
    const payer = (pem: string) => ({
      payer: { identity: { type: 'IDCARD', number: sealed(pem, '110101199003074477'), name: sealed(pem, '李雷') } },
    });
    const named = (product: Product, more: Json, serial?: string) =>
      prepay(sandbox, merchant, newNumber(), product, more, { headers: { 'Wechatpay-Serial': serial } });

    it.each(['native', 'app', 'h5'] as const)('is taken for %s, by either kind of key', async (product) => {
      const { publicKeyPem, publicKeyId, platformCertificatePem, platformSerialNo } = merchant;
      expect((await named(product, payer(publicKeyPem), publicKeyId)).status).toBe(200);
      expect((await named(product, payer(platformCertificatePem), platformSerialNo)).status).toBe(200);
    });

    it('is refused without the serial, with another key, in the clear, and for JSAPI', async () => {
      const { publicKeyPem, publicKeyId, platformSerialNo } = merchant;
      const body = payer(publicKeyPem);
      const clear = { payer: { identity: { ...body.payer.identity, name: '李雷' } } };
      const jsapi = { payer: { ...body.payer, openid: 'oBuyer' } };
      const field = async (reply: Promise<{ json: Json }>) => ((await reply).json['detail'] as Json)['field'];
      expect(await field(named('native', body))).toBe('Wechatpay-Serial');
      expect(await field(named('native', body, platformSerialNo))).toBe('/payer/identity/number');
      expect(await field(named('native', clear, publicKeyId))).toBe('/payer/identity/name');
      expect(await field(named('jsapi', jsapi, publicKeyId))).toBe('/payer/identity');
    });
  });

  it('names an unknown field with the internal code of extra parameters', async () => {
    const reply = await prepay(sandbox, merchant, newNumber(), 'native', { openid: 'x' });
    expect(reply.json['detail']).toMatchObject({ field: '/openid', value: 'x' });
    expect(reply.headers['request-id']).toMatch(/-270924358$/);
  });

  it('is for the merchant who signed it and an appid of theirs', async () => {
    const foreign = await prepay(sandbox, merchant, newNumber(), 'native', { mchid: '1999999999' });
    expect(foreign.json['message']).toBe('http header中的mchid与post payload中的mchid不匹配');
    expect(foreign.json['code']).toBe('PARAM_ERROR');
    const unbound = await prepay(sandbox, merchant, newNumber(), 'native', { appid: 'wx0000000000000000' });
    expect(unbound).toMatchObject({ status: 400, json: { code: 'APPID_MCHID_NOT_MATCH' } });
  });

  it('that is not JSON is a PARAM_ERROR', async () => {
    const reply = await call(sandbox, merchant, 'POST', '/v3/pay/transactions/native', '{"mchid":');
    expect(reply).toMatchObject({ status: 400, json: { code: 'PARAM_ERROR' } });
  });

  it('shares its number with no other merchant', async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    const outTradeNo = newNumber();
    await prepay(sandbox, merchant, outTradeNo);
    expect((await query(sandbox, other, outTradeNo)).status).toBe(404);
    expect((await prepay(sandbox, other, outTradeNo, 'app')).status).toBe(200);
  });
});

describe('the same number again', () => {
  it('with the same parameters gets a new code, and the old one dies', async () => {
    const outTradeNo = newNumber();
    const first = await prepay(sandbox, merchant, outTradeNo, 'native', { attach: 'a' });
    const { amount, ...rest } = prepayBody(merchant, outTradeNo, 'native', { attach: 'a' });
    const again = await call(sandbox, merchant, 'POST', '/v3/pay/transactions/native', { amount, ...rest });
    expect(again.status).toBe(200);
    expect(again.json['code_url']).not.toBe(first.json['code_url']);
    expect(await pay({ codeUrl: first.json['code_url'] })).toMatchObject({
      status: 409,
      json: { reason: 'code_replaced' },
    });
    expect((await pay({ codeUrl: again.json['code_url'] })).status).toBe(200);
  });

  it('with changed parameters is refused and changes nothing', async () => {
    const outTradeNo = newNumber();
    const first = await prepay(sandbox, merchant, outTradeNo);
    const changed = await prepay(sandbox, merchant, outTradeNo, 'native', { amount: { total: 1, currency: 'CNY' } });
    expect(changed).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    expect(changed.headers['request-id']).toMatch(/-268498688$/);
    expect((await pay({ codeUrl: first.json['code_url'] })).status).toBe(200);
  });

  it('through another product is OUT_TRADE_NO_USED', async () => {
    const outTradeNo = newNumber();
    await prepay(sandbox, merchant, outTradeNo);
    expect(await prepay(sandbox, merchant, outTradeNo, 'app')).toMatchObject({
      status: 403,
      json: { code: 'OUT_TRADE_NO_USED' },
    });
  });

  it('is refused once it is paid or closed', async () => {
    const [paid, closed] = [newNumber(), newNumber()];
    await prepay(sandbox, merchant, paid);
    await prepay(sandbox, merchant, closed);
    await pay({ outTradeNo: paid });
    await close(sandbox, merchant, closed);
    expect(await prepay(sandbox, merchant, paid)).toMatchObject({ status: 400, json: { code: 'ORDER_PAID' } });
    expect(await prepay(sandbox, merchant, closed)).toMatchObject({ status: 400, json: { code: 'ORDER_CLOSED' } });
  });
});
