import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/start.js';
import { startTestSandbox } from '../support/sandbox.js';
import { call, control, merchantOf, tryControl, type Credentials, type Json } from './support/client.js';
import { close, newNumber, prepay, query } from './support/trade.js';

let sandbox: Sandbox;
let merchant: Credentials;
let outTradeNo: string;

beforeEach(async () => {
  sandbox = await startTestSandbox();
  merchant = await merchantOf(sandbox);
  outTradeNo = newNumber();
});
afterEach(() => sandbox.close());

const pay = (more: Json = {}) => tryControl(sandbox, 'POST', '/pay', { outTradeNo, ...more });
const advance = (seconds: number) => control(sandbox, 'POST', '/clock', { advanceSeconds: seconds });
const state = async () => (await query(sandbox, merchant, outTradeNo)).json['trade_state'];
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z/, '+00:00');

describe('a query', () => {
  it('of an unpaid trade shows no payment', async () => {
    await prepay(sandbox, merchant, outTradeNo, 'native', { attach: 'mine' });
    expect((await query(sandbox, merchant, outTradeNo)).json).toEqual({
      appid: merchant.appid,
      mchid: merchant.mchid,
      out_trade_no: outTradeNo,
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
      amount: { total: 1200, currency: 'CNY' },
    });
  });

  it('of a paid trade is the whole transaction, by either number', async () => {
    await prepay(sandbox, merchant, outTradeNo, 'jsapi', {
      attach: 'mine',
      scene_info: { payer_client_ip: '1.2.3.4', device_id: 'till-1' },
    });
    const { json: paid } = await pay({ couponFen: 200 });
    const byNumber = await query(sandbox, merchant, outTradeNo);
    expect(byNumber.json).toMatchObject({
      transaction_id: paid['transactionId'],
      trade_type: 'JSAPI',
      trade_state: 'SUCCESS',
      bank_type: 'OTHERS',
      attach: 'mine',
      payer: { openid: 'oBuyer' },
      amount: { total: 1200, payer_total: 1000, currency: 'CNY', payer_currency: 'CNY' },
      scene_info: { device_id: 'till-1' },
      promotion_detail: [{ amount: 200, scope: 'GLOBAL', type: 'CASH' }],
    });
    expect(byNumber.json['transaction_id']).toMatch(/^42000\d{23}$/);
    expect(byNumber.json['success_time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/);
    const byId = `/v3/pay/transactions/id/${String(paid['transactionId'])}?mchid=${merchant.mchid}`;
    expect((await call(sandbox, merchant, 'GET', byId)).json).toEqual(byNumber.json);
  });

  it('names the trade types of H5 and App', async () => {
    await prepay(sandbox, merchant, outTradeNo, 'h5');
    await pay();
    expect((await query(sandbox, merchant, outTradeNo)).json['trade_type']).toBe('MWEB');
    outTradeNo = newNumber();
    await prepay(sandbox, merchant, outTradeNo, 'app');
    await pay();
    expect((await query(sandbox, merchant, outTradeNo)).json['trade_type']).toBe('APP');
  });

  it('of an unknown number is ORDER_NOT_EXIST', async () => {
    const reply = await query(sandbox, merchant, outTradeNo);
    expect(reply).toMatchObject({ status: 404, json: { code: 'ORDER_NOT_EXIST' } });
    expect(reply.headers['request-id']).toMatch(/-268512771$/);
    const byId = `/v3/pay/transactions/id/4200000000000000000000000000?mchid=${merchant.mchid}`;
    expect((await call(sandbox, merchant, 'GET', byId)).status).toBe(404);
  });

  it('needs the mchid that signs it', async () => {
    const target = `/v3/pay/transactions/out-trade-no/${outTradeNo}`;
    expect((await call(sandbox, merchant, 'GET', target)).json).toMatchObject({
      code: 'PARAM_ERROR',
      detail: { field: 'mchid', location: 'query' },
    });
    expect((await call(sandbox, merchant, 'GET', `${target}?mchid=1999999999`)).json['code']).toBe('PARAM_ERROR');
  });
});

describe('a close', () => {
  it('is an empty signed 204, again and again, and ends payment', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    for (let time = 0; time < 2; time += 1) {
      const reply = await close(sandbox, merchant, outTradeNo);
      expect([reply.status, reply.text]).toEqual([204, '']);
    }
    expect(await state()).toBe('CLOSED');
    expect(await pay()).toMatchObject({ status: 409, json: { reason: 'closed' } });
  });

  it('of a paid trade is ORDER_PAID', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    await pay();
    expect(await close(sandbox, merchant, outTradeNo)).toMatchObject({ status: 400, json: { code: 'ORDER_PAID' } });
    expect(await state()).toBe('SUCCESS');
  });

  it('of an unknown number is ORDER_NOT_EXIST', async () => {
    expect(await close(sandbox, merchant, outTradeNo)).toMatchObject({
      status: 404,
      json: { code: 'ORDER_NOT_EXIST' },
    });
  });

  it('takes nothing but the mchid that signs it', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    const target = `/v3/pay/transactions/out-trade-no/${outTradeNo}/close`;
    for (const body of [{}, { mchid: '1999999999' }, { mchid: merchant.mchid, reason: 'x' }]) {
      expect((await call(sandbox, merchant, 'POST', target, body)).json['code']).toBe('PARAM_ERROR');
    }
    expect(await state()).toBe('NOTPAY');
  });
});

describe('a payment', () => {
  it('happens once, even when forced', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    expect((await pay()).status).toBe(200);
    expect(await pay()).toMatchObject({ status: 409, json: { reason: 'paid' } });
    expect((await pay({ force: true })).status).toBe(409);
  });

  it('that was in flight arrives after the close', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    await close(sandbox, merchant, outTradeNo);
    expect((await pay({ force: true })).status).toBe(200);
    expect(await state()).toBe('SUCCESS');
  });

  it('of a JSAPI trade is made by the openid of its prepay', async () => {
    const { json } = await prepay(sandbox, merchant, outTradeNo, 'jsapi');
    expect(await pay({ openid: 'oOther' })).toMatchObject({ status: 409, json: { reason: 'wrong_payer' } });
    const byId = await tryControl(sandbox, 'POST', '/pay', { prepayId: json['prepay_id'], openid: 'oBuyer' });
    expect(byId.status).toBe(200);
  });

  it('needs one name of a trade that exists', async () => {
    expect((await pay()).status).toBe(404);
    expect((await tryControl(sandbox, 'POST', '/pay', {})).status).toBe(400);
    expect((await pay({ prepayId: 'x' })).status).toBe(400);
    expect((await pay({ amount: 3 })).status).toBe(400);
  });

  it('is refused with a coupon worth more than the trade', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    expect(await pay({ couponFen: 1201 })).toMatchObject({ status: 409, json: { reason: 'coupon_too_big' } });
    expect((await pay({ couponFen: 1200 })).status).toBe(200);
  });
});

describe('time', () => {
  it('past time_expire ends payment but leaves the trade NOTPAY until it is closed', async () => {
    await prepay(sandbox, merchant, outTradeNo, 'native', { time_expire: inSeconds(600) });
    await advance(590);
    expect(await state()).toBe('NOTPAY');
    await advance(20);
    expect(await pay()).toMatchObject({ status: 409, json: { reason: 'expired' } });
    expect(await state()).toBe('NOTPAY');
    expect((await close(sandbox, merchant, outTradeNo)).status).toBe(204);
    expect(await state()).toBe('CLOSED');
  });

  it('past time_expire still lets a payment in flight through', async () => {
    await prepay(sandbox, merchant, outTradeNo, 'native', { time_expire: inSeconds(600) });
    await advance(700);
    expect((await pay({ force: true })).status).toBe(200);
  });

  it('gives at least one minute to pay, whatever time_expire says', async () => {
    await prepay(sandbox, merchant, outTradeNo, 'native', { time_expire: inSeconds(-3600) });
    await advance(50);
    const { trade_state } = (await query(sandbox, merchant, outTradeNo)).json;
    expect(trade_state).toBe('NOTPAY');
    expect((await pay()).status).toBe(200);
    outTradeNo = newNumber();
    await prepay(sandbox, merchant, outTradeNo, 'native', { time_expire: inSeconds(-3600) });
    await advance(61);
    expect(await pay()).toMatchObject({ json: { reason: 'expired' } });
  });

  it('past time_expire refuses another prepay', async () => {
    const time_expire = inSeconds(600);
    await prepay(sandbox, merchant, outTradeNo, 'native', { time_expire });
    await advance(700);
    expect(await prepay(sandbox, merchant, outTradeNo, 'native', { time_expire })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST' },
    });
  });

  it('ends a code after 2 hours, and a prepay brings a fresh one', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    await advance(7199);
    await advance(2);
    expect(await pay()).toMatchObject({ status: 409, json: { reason: 'code_expired' } });
    await prepay(sandbox, merchant, outTradeNo);
    expect((await pay()).status).toBe(200);
  });

  it('ends an H5 link after 5 minutes', async () => {
    await prepay(sandbox, merchant, outTradeNo, 'h5');
    await advance(301);
    expect(await pay()).toMatchObject({ json: { reason: 'code_expired' } });
  });

  it('closes an unpaid trade after 7 days', async () => {
    await prepay(sandbox, merchant, outTradeNo);
    await advance(7 * 86_400 - 5);
    expect(await state()).toBe('NOTPAY');
    await advance(10);
    expect(await state()).toBe('CLOSED');
    expect((await control<Json[]>(sandbox, 'GET', '/trades'))[0]).toMatchObject({ trade_state: 'CLOSED' });
  });
});
