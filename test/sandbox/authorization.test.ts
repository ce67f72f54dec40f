import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorization, call, control, exchange, type Credentials, type Overrides } from './support/client.js';
import { newNumber, prepay, query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

const certificates = (overrides: Overrides = {}) =>
  call(sandbox, merchant, 'GET', '/v3/certificates', undefined, overrides);
const now = () => Math.floor(Date.now() / 1000);
const malformed = 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》';

describe('a request that cannot be authenticated', () => {
  it.each<[string, Overrides, string]>([
    ['no Authorization', { headers: { Authorization: undefined } }, malformed],
    ['an ill-formed one', { headers: { Authorization: 'WECHATPAY2-SHA256-RSA2048 mchid="1"' } }, malformed],
    ['another scheme', { scheme: 'WECHATPAY2-SM2-WITH-SM3' }, 'HTTP头Authorization认证类型不正确'],
    ['a foreign serial', { serialNo: 'A'.repeat(40) }, '商户证书序列号有误。请使用签名私钥匹配的证书序列号'],
    ['an unknown mchid', { mchid: '1999999999' }, '商户未申请过证书。'],
    ['a signature over something else', { signedTarget: '/v3/other' }, '签名错误'],
  ])('with %s is told so in 401 SIGN_ERROR', async (_, overrides, message) => {
    const reply = await certificates(overrides);
    expect(reply).toMatchObject({ status: 401, json: { code: 'SIGN_ERROR', message } });
  });

  it('is told of a bad clock before its signature is looked at', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const timestamp of [now() - 310, now() + 310]) {
      const reply = await certificates({ timestamp, privateKeyPem });
      expect(reply.status).toBe(401);
      expect(reply.json['message']).toBe('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟');
    }
    expect((await certificates({ timestamp: now() - 290 })).status).toBe(200);
  });

  it('learns what the gateway had to verify when its signature is wrong', async () => {
    const reply = await certificates({ signedTarget: '/v3/other' });
    expect(reply.json['detail']).toMatchObject({
      field: 'signature',
      location: 'authorization',
      detail: { issue: 'sign not match' },
      sign_information: { method: 'GET', url: '/v3/certificates' },
    });
  });

  it('carries no signature, and on the transactions paths no Request-ID', async () => {
    const onCertificates = await certificates({ headers: { Authorization: undefined } });
    const onQuery = await query(sandbox, merchant, 'ORDER1', { headers: { Authorization: 'Bearer x' } });
    expect(onQuery.json).toEqual({ code: 'SIGN_ERROR', message: '签名信息错误，验签失败' });
    expect(onQuery.headers['request-id']).toBeUndefined();
    expect(onCertificates.headers['request-id']).toMatch(/-268443699$/);
    for (const { headers } of [onCertificates, onQuery]) {
      expect(Object.keys(headers).filter((name) => name.startsWith('wechatpay-'))).toEqual([]);
    }
  });

  it('leaves nothing behind', async () => {
    const outTradeNo = newNumber();
    expect((await prepay(sandbox, merchant, outTradeNo, 'native', {}, { signedTarget: '/x' })).status).toBe(401);
    expect((await query(sandbox, merchant, outTradeNo)).status).toBe(404);
  });
});

describe('a request without a User-Agent', () => {
  it('is refused by certificates before its signature, but not by transactions', async () => {
    const headers = { 'User-Agent': undefined, Authorization: undefined };
    expect(await certificates({ headers })).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    expect(await query(sandbox, merchant, 'ORDER1', { headers })).toMatchObject({ status: 401 });
    const authorized = await query(sandbox, merchant, 'ORDER1', { headers: { 'User-Agent': undefined } });
    expect(authorized.status).toBe(404);
  });
});

describe('the signed message', () => {
  it('has the target as sent, percent-encoding included', async () => {
    const outTradeNo = `${newNumber()}*2|a`;
    await prepay(sandbox, merchant, outTradeNo);
    const target = (number: string) => `/v3/pay/transactions/out-trade-no/${number}?mchid=${merchant.mchid}`;
    const encoded = target(outTradeNo.replace('*', '%2A').replace('|', '%7C'));
    expect((await call(sandbox, merchant, 'GET', encoded)).json['out_trade_no']).toBe(outTradeNo);
    expect((await call(sandbox, merchant, 'GET', target(outTradeNo))).status).toBe(200);
    expect(
      (await call(sandbox, merchant, 'GET', encoded, undefined, { signedTarget: target(outTradeNo) })).status,
    ).toBe(401);
    const at = target('order%40home');
    expect((await call(sandbox, merchant, 'GET', at)).status).toBe(400);
    expect((await call(sandbox, merchant, 'GET', at, undefined, { signedTarget: target('order@home') })).status).toBe(
      401,
    );
  });

  it('has the body as sent, spaces and escapes included', async () => {
    const outTradeNo = newNumber();
    const spaced = `{ "mchid" : "\\u0031${merchant.mchid.slice(1)}" }`;
    await prepay(sandbox, merchant, outTradeNo);
    const target = `/v3/pay/transactions/out-trade-no/${outTradeNo}/close`;
    const headers = { 'User-Agent': 'x', Authorization: authorization(merchant, 'POST', target, spaced) };
    expect((await exchange(sandbox.url, 'POST', target, spaced.replace(' :', ':'), headers)).status).toBe(401);
    expect((await exchange(sandbox.url, 'POST', target, spaced, headers)).status).toBe(204);
  });

  it('is verified under the key of the merchant it names', async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    expect((await call(sandbox, other, 'GET', '/v3/certificates')).status).toBe(200);
    const borrowed = await call(sandbox, merchant, 'GET', '/v3/certificates', undefined, { mchid: other.mchid });
    expect(borrowed.status).toBe(401);
  });
});

describe('paths that are not served', () => {
  it('are answered with an empty 404, other methods with an empty 405, both without asking who', async () => {
    for (const [method, path, status] of [
      ['GET', '/v3/nothing', 404],
      ['DELETE', '/v3/certificates', 405],
      ['GET', '/v3/pay/transactions/native', 405],
      ['POST', '/v3/pay/transactions/out-trade-no/ORDER1', 405],
    ] as const) {
      const reply = await exchange(sandbox.url, method, path, '', {});
      expect([path, reply.status, reply.text]).toEqual([path, status, '']);
      expect(reply.headers['wechatpay-signature']).toBeUndefined();
    }
  });
});
