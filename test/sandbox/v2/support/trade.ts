import type { Sandbox } from '../../../../src/sandbox/start.js';
import { control, type Credentials, type Json } from '../../support/client.js';
import { newNumber } from '../../support/trade.js';
import { callV2, type Fields, type OverridesV2, type ReplyV2 } from './client.js';

export const unifiedOrder = (
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  more: Record<string, string | undefined> = {},
  overrides: OverridesV2 = {},
): Promise<ReplyV2> =>
  callV2(sandbox, merchant, '/pay/unifiedorder', { ...orderFields(outTradeNo), ...more }, overrides);

export const orderFields = (outTradeNo: string): Fields => ({
  body: '龙井茶 250 g',
  out_trade_no: outTradeNo,
  total_fee: '1200',
  spbill_create_ip: '203.0.113.7',
  notify_url: 'http://127.0.0.1:9/notify',
  trade_type: 'NATIVE',
  product_id: 'tea',
});

/** The trade types, and what each wants. */
export const products = [
  ['NATIVE', { product_id: 'tea' }],
  ['JSAPI', { openid: 'oBuyer' }],
  ['APP', {}],
  ['MWEB', { scene_info: '{"h5_info":{"type":"Wap"}}' }],
] as const;

export const orderQuery = (
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  more: Fields = {},
  overrides: OverridesV2 = {},
): Promise<ReplyV2> => callV2(sandbox, merchant, '/pay/orderquery', { out_trade_no: outTradeNo, ...more }, overrides);

export const closeOrder = (sandbox: Sandbox, merchant: Credentials, outTradeNo: string): Promise<ReplyV2> =>
  callV2(sandbox, merchant, '/pay/closeorder', { out_trade_no: outTradeNo });

export const advance = (sandbox: Sandbox, advanceSeconds: number): Promise<Json> =>
  control(sandbox, 'POST', '/clock', { advanceSeconds });

/** A trade of 1200 fen, opened over API v2 and paid just now. */
export async function paidOrder(
  sandbox: Sandbox,
  merchant: Credentials,
  pay: Json = {},
  more: Record<string, string | undefined> = {},
): Promise<{ outTradeNo: string; transactionId: string }> {
  const outTradeNo = newNumber();
  const made = await unifiedOrder(sandbox, merchant, outTradeNo, more);
  if (made.fields['result_code'] !== 'SUCCESS') throw new Error(made.text);
  const paid = await control(sandbox, 'POST', `/pay?mchid=${merchant.mchid}`, { outTradeNo, ...pay });
  return { outTradeNo, transactionId: String(paid['transactionId']) };
}
