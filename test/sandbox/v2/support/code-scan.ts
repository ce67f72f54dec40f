import type { Sandbox } from '../../../../src/sandbox/start.js';
import type { Credentials } from '../../support/client.js';
import { callV2, type Fields, type OverridesV2, type ReplyV2 } from './client.js';

export const chargeFields = (outTradeNo: string, authCode: string): Fields => ({
  body: '龙井茶 250 g',
  out_trade_no: outTradeNo,
  total_fee: '1200',
  spbill_create_ip: '203.0.113.7',
  auth_code: authCode,
});

export const micropay = (
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  authCode: string,
  more: Record<string, string | undefined> = {},
  overrides: OverridesV2 = {},
): Promise<ReplyV2> =>
  callV2(sandbox, merchant, '/pay/micropay', { ...chargeFields(outTradeNo, authCode), ...more }, overrides);

export const reverseOrder = (
  sandbox: Sandbox,
  merchant: Credentials,
  by: Fields,
  overrides: OverridesV2 = {},
): Promise<ReplyV2> => callV2(sandbox, merchant, '/secapi/pay/reverse', by, overrides);
