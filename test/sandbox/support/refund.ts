import type { Sandbox } from '../../../src/sandbox/start.js';
import { call, control, type Credentials, type Json, type Overrides, type Reply } from './client.js';
import { newNumber, prepay } from './trade.js';

export const refunds = '/v3/refund/domestic/refunds';

let made = 0;

/** A number no other refund of this run has, with an `@` as refunds may have. */
export function newRefundNo(): string {
  made += 1;
  return `R${process.pid}@${made}`;
}

/** A trade of 1200 fen, paid just now. */
export async function paidTrade(
  sandbox: Sandbox,
  merchant: Credentials,
  pay: Json = {},
  more: Json = {},
): Promise<{ outTradeNo: string; transactionId: string }> {
  const outTradeNo = newNumber();
  await prepay(sandbox, merchant, outTradeNo, 'native', more);
  const paid = await control(sandbox, 'POST', `/pay?mchid=${merchant.mchid}`, { outTradeNo, ...pay });
  return { outTradeNo, transactionId: String(paid['transactionId']) };
}

export function refundBody(outTradeNo: string, outRefundNo: string, refund = 1200, more: Json = {}): Json {
  return {
    out_trade_no: outTradeNo,
    out_refund_no: outRefundNo,
    amount: { refund, total: 1200, currency: 'CNY' },
    ...more,
  };
}

export function applyRefund(
  sandbox: Sandbox,
  merchant: Credentials,
  body: Json,
  overrides: Overrides = {},
): Promise<Reply> {
  return call(sandbox, merchant, 'POST', refunds, body, overrides);
}

export function queryRefund(
  sandbox: Sandbox,
  merchant: Credentials,
  outRefundNo: string,
  overrides: Overrides = {},
): Promise<Reply> {
  return call(sandbox, merchant, 'GET', `${refunds}/${encodeURIComponent(outRefundNo)}`, undefined, overrides);
}

export function abnormalRefund(
  sandbox: Sandbox,
  merchant: Credentials,
  refundId: string,
  body: Json,
  overrides: Overrides = {},
): Promise<Reply> {
  return call(sandbox, merchant, 'POST', `${refunds}/${refundId}/apply-abnormal-refund`, body, overrides);
}
