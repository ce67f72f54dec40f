import type { Sandbox } from '../../../src/sandbox/start.js';
import { call, control, type Credentials, type Json, type Overrides, type Reply } from './client.js';

/** The code that a payer shows. */
export async function newCode(sandbox: Sandbox, wanted: Json = {}): Promise<string> {
  return String((await control(sandbox, 'POST', '/codes', wanted))['authCode']);
}

export function chargeBody(merchant: Credentials, outTradeNo: string, authCode: string, more: Json = {}): Json {
  return {
    appid: merchant.appid,
    mchid: merchant.mchid,
    description: '龙井茶 250 g',
    out_trade_no: outTradeNo,
    payer: { auth_code: authCode },
    amount: { total: 1200, currency: 'CNY' },
    scene_info: { device_ip: '203.0.113.7', store_info: { out_id: 'S1' } },
    ...more,
  };
}

export function charge(
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  authCode: string,
  more: Json = {},
  overrides: Overrides = {},
): Promise<Reply> {
  const body = chargeBody(merchant, outTradeNo, authCode, more);
  return call(sandbox, merchant, 'POST', '/v3/pay/transactions/codepay', body, overrides);
}

export function reverse(
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  body: Json = { appid: merchant.appid, mchid: merchant.mchid },
  overrides: Overrides = {},
): Promise<Reply> {
  const target = `/v3/pay/transactions/out-trade-no/${outTradeNo}/reverse`;
  return call(sandbox, merchant, 'POST', target, body, overrides);
}
