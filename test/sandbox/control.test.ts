import { describe, expect, it } from 'vitest';
import { call, control, merchantOf, tryControl, type Credentials, type Json } from './support/client.js';
import { newNumber, prepay, query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox();

describe('merchants', () => {
  it('have the credentials of real ones', () => {
    expect(merchant.mchid).toMatch(/^\d{10}$/);
    expect(merchant.appid).toMatch(/^wx[0-9a-f]{16}$/);
    expect(merchant.serialNo).toMatch(/^[0-9A-F]{40}$/);
    expect(merchant.platformSerialNo).toMatch(/^[0-9A-F]{40}$/);
    expect(merchant.publicKeyId).toMatch(/^PUB_KEY_ID_\d+$/);
    expect(merchant.apiV3Key).toMatch(/^[0-9A-Za-z]{32}$/);
    expect(merchant.apiV2Key).toMatch(/^[0-9A-Za-z]{32}$/);
  });

  it('are added with their own keys, a chosen mchid only once', async () => {
    const added = await control<Credentials>(sandbox, 'POST', '/merchants', {
      mchid: '1888888888',
      appid: 'wxsandbox1',
    });
    expect(added).toMatchObject({ mchid: '1888888888', appid: 'wxsandbox1' });
    expect(added.privateKeyPem).not.toBe(merchant.privateKeyPem);
    expect((await tryControl(sandbox, 'POST', '/merchants', { mchid: '1888888888' })).status).toBe(409);
    expect((await tryControl(sandbox, 'POST', '/merchants', { mchid: 'x' })).status).toBe(400);
    const all = await control<Credentials[]>(sandbox, 'GET', '/merchants');
    expect(all.map(({ mchid }) => mchid)).toEqual([merchant.mchid, '1888888888']);
    expect(await merchantOf(sandbox, '1888888888')).toEqual(added);
  });

  it('that do not exist are a 404', async () => {
    expect((await tryControl(sandbox, 'GET', '/trades?mchid=1777777777')).status).toBe(404);
  });
});

describe('what can be watched', () => {
  it('is the trades of one merchant', async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    const outTradeNo = newNumber();
    await prepay(sandbox, other, outTradeNo);
    const trades = (mchid: string) => control<Json[]>(sandbox, 'GET', `/trades?mchid=${mchid}`);
    expect(await trades(other.mchid)).toEqual([
      {
        mchid: other.mchid,
        out_trade_no: outTradeNo,
        trade_state: 'NOTPAY',
        trade_type: 'NATIVE',
        total: 1200,
        payer_total: null,
        transaction_id: null,
        success_time: null,
      },
    ]);
    const paid = await control(sandbox, 'POST', `/pay?mchid=${other.mchid}`, { outTradeNo, couponFen: 1 });
    expect(await trades(other.mchid)).toMatchObject([{ payer_total: 1199, transaction_id: paid['transactionId'] }]);
    expect((await tryControl(sandbox, 'POST', '/pay', { outTradeNo })).status).toBe(404);
    expect((await trades(merchant.mchid)).map((row) => row['out_trade_no'])).not.toContain(outTradeNo);
  });

  it('is how often each API was called, refused calls apart', async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', {});
    await control(sandbox, 'PUT', `/limits?mchid=${other.mchid}`, { query: 1 });
    const codes: unknown[] = [];
    const ask = async () => codes.push((await query(sandbox, other, 'unknown1')).json['code']);
    // However slow the machine, two of them come within one second.
    await expect.poll(async () => (await ask()) > 0 && codes.at(-1)).toBe('FREQUENCY_LIMITED');
    expect(codes.slice(0, -1)).toEqual(codes.slice(0, -1).map(() => 'ORDER_NOT_EXIST'));
    expect(codes.length).toBeGreaterThan(1);
    await call(sandbox, other, 'GET', '/v3/certificates');
    expect((await control(sandbox, 'GET', '/calls'))[other.mchid]).toEqual({
      query: { count: codes.length, refusedByLimit: 1 },
      certificates: { count: 1, refusedByLimit: 0 },
    });
    await control(sandbox, 'PUT', `/limits?mchid=${other.mchid}`, {});
    expect((await query(sandbox, other, 'unknown1')).status).toBe(404);
  });
});

describe('a control call with a wrong body', () => {
  it.each<[string, string, unknown]>([
    ['PUT', '/signing', { notify: 1.5 }],
    ['PUT', '/signing', {}],
    ['PUT', '/limits', { bills: 1 }],
    ['PUT', '/balance', { balanceFen: -1 }],
    ['PUT', '/balance', {}],
    ['PUT', '/settings', { refundDelayMs: -1 }],
    ['PUT', '/settings', {}],
    ['POST', '/refunds/R/settle', { status: 'PROCESSING' }],
    ['POST', '/refunds/R/settle', {}],
    ['PUT', '/limits', { query: 0 }],
    ['POST', '/clock', { advanceSeconds: -1 }],
    ['POST', '/clock', {}],
    ['POST', '/pay', { outTradeNo: 'A', codeUrl: 'B' }],
    ['PUT', '/faults', { on: 'query', kind: 'http500' }],
  ])('%s %s %o is a 400 that says why', async (method, path, body) => {
    const reply = await tryControl(sandbox, method, path, body);
    expect(reply).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(String(reply.json['message']).length).toBeGreaterThan(5);
  });

  it('larger than the sandbox reads is a 413', async () => {
    expect((await tryControl(sandbox, 'PUT', '/faults', 'x'.repeat(5_000_000))).status).toBe(413);
  });
});
