import type { Sandbox } from '../../../../src/sandbox/start.js';
import type { Credentials } from '../../support/client.js';
import { callV2, type OverridesV2, type ReplyV2 } from './client.js';

/** Of a trade of 1200 fen. */
export const refundOrder = (
  sandbox: Sandbox,
  merchant: Credentials,
  outTradeNo: string,
  outRefundNo: string,
  more: Record<string, string | undefined> = {},
  overrides: OverridesV2 = {},
): Promise<ReplyV2> => {
  const fields = {
    out_trade_no: outTradeNo,
    out_refund_no: outRefundNo,
    total_fee: '1200',
    refund_fee: '1200',
    ...more,
  };
  return callV2(sandbox, merchant, '/secapi/pay/refund', fields, overrides);
};

export const refundQuery = (
  sandbox: Sandbox,
  merchant: Credentials,
  by: Record<string, string>,
  overrides: OverridesV2 = {},
): Promise<ReplyV2> => callV2(sandbox, merchant, '/pay/refundquery', by, overrides);
