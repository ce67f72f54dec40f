import type { Sandbox } from '../../../src/sandbox/start.js';
import { call, type Credentials, type Json, type Overrides, type Reply } from './client.js';

let made = 0;

/** A number no other trade of this run has. */
export function newNumber(): string {
  made += 1;
  return `T${process.pid}-${String(made).padStart(4, '0')}`;
}

export type Product = 'native' | 'jsapi' | 'app' | 'h5';

export function prepayBody(
  merchant: Credentials,
  outTradeNo: string,
  product: Product = 'native',
  more: Json = {},
): Json {
  return {
    appid: merchant.appid,
    mchid: merchant.mchid,
    description: '龙井茶 250 g',
    out_trade_no: outTradeNo,
    notify_url: 'http://127.0.0.1:9/notify',
    amount: { total: 1200, currency: 'CNY' },
    ...(product === 'jsapi' ? { payer: { openid: 'oBuyer' } } : {}),
    ...(product === 'h5' ? { scene_info: { payer_client_ip: '203.0.113.7', h5_info: { type: 'Wap' } } } : {}),
    ...more,
  };
}

export function prepay(
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  product: Product = 'native',
  more: Json = {},
  overrides: Overrides = {},
): Promise<Reply> {
  const body = prepayBody(merchant, outTradeNo, product, more);
  return call(sandbox, merchant, 'POST', `/v3/pay/transactions/${product}`, body, overrides);
}

export function query(
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  overrides?: Overrides,
): Promise<Reply> {
  const target = `/v3/pay/transactions/out-trade-no/${outTradeNo}?mchid=${merchant.mchid}`;
  return call(sandbox, merchant, 'GET', target, undefined, overrides);
}

export function close(
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  overrides?: Overrides,
): Promise<Reply> {
  const target = `/v3/pay/transactions/out-trade-no/${outTradeNo}/close`;
  return call(sandbox, merchant, 'POST', target, { mchid: merchant.mchid }, overrides);
}
