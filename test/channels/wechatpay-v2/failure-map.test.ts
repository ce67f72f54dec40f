import { describe, expect, test } from 'vitest';
import type { GatewayApi } from '../../../src/orders/rules/gateway-answer.js';
import { meaningOf } from '../../../src/channels/wechatpay-v2/failure-map.js';

type Row = readonly [code: string, meaning: string, message?: string];

const everywhere: readonly Row[] = [
  ['SIGNERROR', 'merchant_config'],
  ['SIGN_ERROR', 'merchant_config'],
  ['APPID_NOT_EXIST', 'merchant_config'],
  ['APPID_MCHID_NOT_MATCH', 'merchant_config'],
  ['CERT_ERROR', 'merchant_config'],
  ['FREQUENCY_LIMITED', 'rate_limited'],
  ['RATELIMIT_EXCEEDED', 'rate_limited'],
  ['SYSTEMERROR', 'unknown'],
  ['SYSTEM_ERROR', 'unknown'],
  ['BANKERROR', 'unknown'],
  ['USERPAYING', 'unknown'],
  ['toString', '*'],
];

const NO_AUTH: Row = ['NOAUTH', 'merchant_config'];
const NO_MERCHANT: Row = ['MCHID_NOT_EXIST', 'merchant_config'];

const charged = (row: Row): boolean => row[0] !== 'USERPAYING';

const rows: Readonly<Partial<Record<GatewayApi, { readonly other: string; readonly of: readonly Row[] }>>> = {
  prepay: {
    other: 'refused',
    of: [
      NO_AUTH,
      ['ORDERPAID', 'conflict'],
      ['ORDER_PAID', 'conflict'],
      ['OUT_TRADE_NO_USED', 'conflict'],
      ['ORDERCLOSED', 'conflict'],
      ['ORDERREVERSED', 'conflict'],
      ['INVALID_REQUEST', 'refused', '参数错误'],
      ['INVALID_REQUEST', 'taken', '201 商户订单号重复'],
      ['MCHID_NOT_EXIST', 'refused'],
      ['NOTENOUGH', 'refused'],
      ['LACK_PARAMS', 'refused'],
      ['XML_FORMAT_ERROR', 'refused'],
      ['PARAM_ERROR', 'refused'],
    ],
  },
  charge: {
    other: 'unknown',
    of: [
      ['NOAUTH', 'refused'],
      ['USERPAYING', 'paying'],
      ['USER_PAYING', 'paying'],
      ['AUTHCODEEXPIRE', 'refused'],
      ['AUTH_CODE_ERROR', 'refused'],
      ['AUTH_CODE_INVALID', 'refused'],
      ['NOTENOUGH', 'refused'],
      ['NOTSUPORTCARD', 'refused'],
      ['TRADE_ERROR', 'refused'],
      ['PARAM_ERROR', 'refused'],
      ['ORDERPAID', 'conflict'],
      ['OUT_TRADE_NO_USED', 'conflict'],
      ['ORDERREVERSED', 'conflict'],
      ['INVALID_REQUEST', 'unknown'],
    ],
  },
  reverse: {
    other: 'unknown',
    of: [
      NO_AUTH,
      ['ORDERNOTEXIST', 'notExist'],
      ['ORDERREVERSED', 'alreadyClosed'],
      ['REVERSE_EXPIRE', 'refused'],
      ['TRADE_ERROR', 'unknown'],
    ],
  },
  query: {
    other: 'unknown',
    of: [
      NO_AUTH,
      NO_MERCHANT,
      ['ORDERNOTEXIST', 'notExist'],
      ['ORDER_NOT_EXIST', 'notExist'],
      ['ORDERPAID', 'unknown'],
      ['PARAM_ERROR', 'unknown'],
      ['REFUNDNOTEXIST', 'unknown'],
    ],
  },
  close: {
    other: 'unknown',
    of: [
      NO_AUTH,
      NO_MERCHANT,
      ['ORDERPAID', 'alreadyPaid'],
      ['ORDERCLOSED', 'alreadyClosed'],
      ['ORDERNOTEXIST', 'notExist'],
      ['INVALID_REQUEST', 'unknown'],
      ['PARAM_ERROR', 'unknown'],
    ],
  },
  refund: {
    other: 'conflict',
    of: [
      NO_AUTH,
      NO_MERCHANT,
      ['NOTENOUGH', 'notEnough'],
      ['TRADE_OVERDUE', 'refused'],
      ['USER_ACCOUNT_ABNORMAL', 'refused'],
      ['INVALID_TRANSACTIONID', 'refused'],
      ['ORDERNOTEXIST', 'refused'],
      ['PARAM_ERROR', 'refused'],
      ['REFUND_FEE_MISMATCH', 'conflict'],
      ['INVALID_REQUEST', 'conflict'],
      ['ERROR', 'conflict'],
      ['INVALID_REQ_TOO_MUCH', 'rate_limited'],
      ['BIZERR_NEED_RETRY', 'unknown'],
    ],
  },
  refundQuery: {
    other: 'unknown',
    of: [
      NO_AUTH,
      NO_MERCHANT,
      ['REFUNDNOTEXIST', 'notExist'],
      ['REFUND_NOT_EXIST', 'notExist'],
      ['ORDERNOTEXIST', 'unknown'],
      ['NOTENOUGH', 'unknown'],
    ],
  },
  bill: {
    other: 'refused',
    of: [
      ['NOAUTH', 'refused'],
      NO_MERCHANT,
      ['No Bill Exist', 'none'],
      ['NO_BILL_EXIST', 'none'],
      ['Bill Creating', 'creating'],
      ['BILL_CREATING', 'creating'],
      ['20002', 'creating'],
      ['20001', 'refused'],
      ['CompressGZip Error', 'unknown'],
      ['data format error', 'refused'],
    ],
  },
  billFile: { other: 'expired', of: [NO_AUTH, ['No Bill Exist', 'expired'], ['SIGN ERROR', 'merchant_config']] },
};

describe.each(Object.entries(rows) as [GatewayApi, NonNullable<(typeof rows)['prepay']>][])(
  '%s',
  (api, { other, of }) => {
    const cases = [
      ...(api === 'charge' ? everywhere.filter(charged) : everywhere),
      ...of,
      ['A_CODE_OF_TOMORROW', '*'] as Row,
    ].map(([code, meaning, message = '']) => ({
      ...{ code, message, meaning: meaning === '*' ? other : meaning },
    }));
    test.each(cases)('$code ($message) is $meaning', ({ code, message, meaning }) => {
      expect(meaningOf(api, { code, message })).toBe(meaning);
    });
  },
);
