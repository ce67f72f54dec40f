import { describe, expect, test } from 'vitest';
import type { GatewayApi } from '../../../src/orders/rules/gateway-answer.js';
import { meaningOf, type ErrorAnswer } from '../../../src/channels/wechatpay-v3/failure-map.js';

function error(status: number, code: string | undefined, internalCode?: string): ErrorAnswer {
  return { status, code, message: '', detail: null, internalCode, retryAfterMs: undefined };
}

type Row = readonly [status: number, code: string | undefined, meaning: string, internalCode?: string];

const everywhere: readonly Row[] = [
  [401, 'SIGN_ERROR', 'merchant_config'],
  [401, 'SIGNERROR', 'merchant_config'],
  [403, 'NO_AUTH', 'merchant_config'],
  [400, 'APPID_MCHID_NOT_MATCH', 'merchant_config'],
  [400, 'INVALID_REQUEST', 'merchant_config', '268445527'],
  [429, 'FREQUENCY_LIMITED', 'rate_limited'],
  [429, 'RATELIMIT_EXCEEDED', 'rate_limited'],
  [429, undefined, 'rate_limited'],
  [429, 'ORDER_PAID', 'rate_limited'],
  [403, 'FREQUENCY_LIMITED', 'rate_limited'],
  [403, 'RATELIMIT_EXCEED', 'rate_limited'],
  [500, 'SYSTEM_ERROR', 'unknown'],
  [400, 'SYSTEMERROR', 'unknown'],
  [500, 'BANK_ERROR', 'unknown'],
  [500, 'PARAM_ERROR', 'unknown'],
  [500, 'ORDER_NOT_EXIST', 'unknown'],
  [503, undefined, 'unknown'],
  [404, undefined, 'unknown'],
  [405, undefined, 'unknown'],
  [302, undefined, 'unknown'],
  [202, 'USERPAYING', 'unknown'],
  [400, 'USER_PAYING', 'unknown'],
];

const rows: Readonly<Record<GatewayApi, readonly Row[]>> = {
  prepay: [
    ...everywhere,
    [400, 'PARAM_ERROR', 'refused'],
    [400, 'INVALID_REQUEST', 'refused'],
    [400, 'MCH_NOT_EXISTS', 'refused'],
    [403, 'RULE_LIMIT', 'refused'],
    [403, 'RULELIMIT', 'refused'],
    [403, 'ACCOUNT_ERROR', 'refused'],
    [403, 'TRADE_ERROR', 'refused'],
    [500, 'OPENID_MISMATCH', 'refused'],
    [400, 'OPENID_MISMATCH', 'refused'],
    [403, 'A_CODE_OF_TOMORROW', 'refused'],
    [400, 'ORDER_PAID', 'conflict'],
    [400, 'ORDERPAID', 'conflict'],
    [403, 'OUT_TRADE_NO_USED', 'conflict'],
    [400, 'ORDER_CLOSED', 'conflict'],
    [400, 'INVALID_REQUEST', 'taken', '268498688'],
    [400, 'INVALID_REQUEST', 'conflict', '268498689'],
    [400, 'INVALID_REQUEST', 'conflict', '268449538'],
    [400, 'INVALID_REQUEST', 'conflict', '268447914'],
    [400, 'PARAM_ERROR', 'refused', '268435461'],
  ],
  query: [
    ...everywhere,
    [404, 'ORDER_NOT_EXIST', 'notExist'],
    [404, 'ORDERNOTEXIST', 'notExist'],
    [400, 'INVALID_REQUEST', 'notExist', '268512771'],
    [400, 'MCH_NOT_EXISTS', 'merchant_config'],
    [400, 'ORDER_CLOSED', 'unknown'],
    [400, 'ORDER_PAID', 'unknown'],
    [403, 'TRADE_ERROR', 'unknown'],
    [400, 'PARAM_ERROR', 'unknown'],
    [404, 'RESOURCE_NOT_EXISTS', 'unknown'],
  ],
  close: [
    ...everywhere,
    [400, 'ORDER_PAID', 'alreadyPaid'],
    [400, 'ORDERPAID', 'alreadyPaid'],
    [400, 'INVALID_REQUEST', 'alreadyPaid', '268449538'],
    [400, 'ORDER_CLOSED', 'alreadyClosed'],
    [400, 'INVALID_REQUEST', 'alreadyClosed', '268447914'],
    [404, 'ORDER_NOT_EXIST', 'notExist'],
    [400, 'INVALID_REQUEST', 'refused', '268449641'],
    [403, 'RULE_LIMIT', 'refused'],
    [500, 'OPENID_MISMATCH', 'unknown'],
  ],
  refund: [
    ...everywhere,
    [400, 'PARAM_ERROR', 'refused'],
    [400, 'INVALID_REQUEST', 'conflict'],
    [400, 'INVALID_REQUEST', 'conflict', '268498688'],
    [400, 'INVALID_REQUEST', 'rate_limited', '268447840'],
    [404, 'MCH_NOT_EXISTS', 'merchant_config'],
    [400, 'MCH_NOT_EXISTS', 'merchant_config'],
    [403, 'NOT_ENOUGH', 'notEnough'],
    [403, 'NOTENOUGH', 'notEnough'],
    [403, 'USER_ACCOUNT_ABNORMAL', 'refused'],
    [404, 'RESOURCE_NOT_EXISTS', 'refused'],
    [404, 'ORDER_NOT_EXIST', 'refused'],
    [400, 'ORDER_CLOSED', 'refused'],
    [400, 'TRADE_OVERDUE', 'refused'],
    [403, 'TRADE_OVERDUE', 'refused'],
    [400, 'REFUND_FEE_MISMATCH', 'conflict'],
    [403, 'REFUND_FEE_MISMATCH', 'conflict'],
    [400, 'INVALID_REQ_TOO_MUCH', 'rate_limited'],
    [400, 'BIZERR_NEED_RETRY', 'unknown'],
    [500, 'NOT_ENOUGH', 'unknown'],
    [500, 'TRADE_OVERDUE', 'unknown'],
    [429, 'NOT_ENOUGH', 'rate_limited'],
    [403, 'REQUEST_BLOCKED', 'conflict'],
    [403, 'A_CODE_OF_TOMORROW', 'conflict'],
  ],
  refundQuery: [
    ...everywhere,
    [404, 'RESOURCE_NOT_EXISTS', 'notExist'],
    [404, 'REFUNDNOTEXIST', 'notExist'],
    [404, 'MCH_NOT_EXISTS', 'merchant_config'],
    [400, 'PARAM_ERROR', 'unknown'],
    [400, 'INVALID_REQUEST', 'unknown'],
    [404, 'ORDER_NOT_EXIST', 'unknown'],
    [500, 'RESOURCE_NOT_EXISTS', 'unknown'],
    [403, 'NOT_ENOUGH', 'unknown'],
  ],
  abnormalRefund: [
    ...everywhere,
    [400, 'PARAM_ERROR', 'refused'],
    [400, 'INVALID_REQUEST', 'conflict'],
    [404, 'RESOURCE_NOT_EXISTS', 'refused'],
    [404, 'MCH_NOT_EXISTS', 'merchant_config'],
    [403, 'NOT_ENOUGH', 'notEnough'],
    [403, 'A_CODE_OF_TOMORROW', 'conflict'],
  ],
  bill: [
    ...everywhere.filter(([, code]) => code !== 'NO_AUTH'),
    [400, 'NO_STATEMENT_EXIST', 'none'],
    [400, 'STATEMENT_CREATING', 'creating'],
    [500, 'NO_STATEMENT_EXIST', 'unknown'],
    [400, 'PARAM_ERROR', 'refused'],
    [400, 'INVALID_REQUEST', 'refused'],
    [403, 'NO_AUTH', 'refused'],
    [404, 'MCH_NOT_EXISTS', 'merchant_config'],
    [403, 'A_CODE_OF_TOMORROW', 'refused'],
  ],
  billFile: [...everywhere, [400, 'INVALID_REQUEST', 'expired'], [404, 'RESOURCE_NOT_EXISTS', 'expired']],
  certificates: [...everywhere, [404, 'RESOURCE_NOT_EXISTS', 'notExist'], [400, 'INVALID_REQUEST', 'merchant_config']],
};

describe.each(Object.entries(rows) as [GatewayApi, readonly Row[]][])('%s', (api, table) => {
  const cases = table.map(([status, code, meaning, internalCode]) => ({ status, code, meaning, internalCode }));
  test.each(cases)('$status $code ($internalCode) is $meaning', ({ status, code, meaning, internalCode }) => {
    expect(meaningOf(api, error(status, code, internalCode))).toBe(meaning);
  });
});
